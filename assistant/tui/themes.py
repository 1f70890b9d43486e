"""Two themes of our own, ink and paper; every other theme of Textual works as well."""

from __future__ import annotations

from textual.theme import Theme

INK = Theme(
    name="onrecord-ink",
    primary="#8fb4c9",
    secondary="#9aa5b1",
    accent="#d8b26e",
    warning="#d9a441",
    error="#e07a6a",
    success="#8fbf8a",
    foreground="#dcd8d0",
    background="#17191d",
    surface="#1d2025",
    panel="#23272d",
    dark=True,
    variables={"footer-key-foreground": "#d8b26e", "footer-background": "#1d2025"},
)

PAPER = Theme(
    name="onrecord-paper",
    primary="#235f7a",
    secondary="#5b6770",
    accent="#8a5a12",
    warning="#c78a14",
    error="#a8362a",
    success="#3d7a3a",
    foreground="#2a2925",
    background="#faf8f3",
    surface="#f2efe7",
    panel="#e9e5da",
    dark=False,
    variables={"footer-key-foreground": "#8a5a12", "footer-background": "#f2efe7"},
)
