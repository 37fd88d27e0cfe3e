"""Errors of accounts."""

from shopmsg.core.errors import ShopmsgError


class LoginRefused(ShopmsgError):
    """Somebody may not in, or not now. The message is one sentence that says what to do."""


class ChangeRefused(ShopmsgError):
    """A mobile number cannot be changed as asked."""


class DelegationRefused(ShopmsgError):
    """Nobody may work in the shop's place as asked. Codes: "role", "reason", "return_to", "closed"."""


class PeopleRefused(ShopmsgError):
    """Who looks at a shop cannot be changed as asked."""
