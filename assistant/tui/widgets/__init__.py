"""The widgets of the chat. They know answers and citations, and nothing of storage."""
