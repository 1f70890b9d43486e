"""Questions → evidence → answers that cannot misquote → text, JSON lines, screen."""
