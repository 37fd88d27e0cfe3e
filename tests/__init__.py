"""The suite mirrors the tree; `tests.services` brings up the servers it runs against."""
