"""What the pages of billing show, read from its rows."""
