"""The errors that cross module borders."""


class ShopmsgError(Exception):
    """Base of our own errors. `code` is for machines, the message is one Korean sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
