"""Numbers out of requests."""


def number_in(given: str) -> int | None:
    """A key or a revision out of a request, None for anything else."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= 18 else None
