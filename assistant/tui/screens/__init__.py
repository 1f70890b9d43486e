"""The screens of the chat, one a file, each with its style beside it."""
