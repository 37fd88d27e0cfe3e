"""What the runner says when it cannot go on."""


class RunnerError(Exception):
    """One clear Korean sentence for the terminal; the runner exits with 1 and without a traceback."""
