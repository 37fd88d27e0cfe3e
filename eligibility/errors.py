"""Errors of signing up."""

from collections.abc import Mapping

from shopmsg.core.errors import ShopmsgError


class ApplicationRefused(ShopmsgError):
    """A verb that an application does not take as it is. Codes: "incomplete" (with `fields`: a sentence for each),
    "not_eligible", "wrong_state", "changed_meanwhile", "line_taken", "no_dealership", "not_ready", "too_often"."""

    def __init__(self, code: str, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(code, message)
        self.fields = dict(fields or {})
