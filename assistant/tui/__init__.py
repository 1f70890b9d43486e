"""The chat: a Textual app over the same `Assistant` as the command line. Only this package imports Textual."""
