"""Where an application stands as its form is now: what is missing, what is wrong, who may join."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection

from eligibility import form, form_checks, rules
from eligibility.enums import RegistryState
from eligibility.form import Reading
from eligibility.models import Application

#: Any constant will do.
_RECEIVING_LOCK: Final = 5_348_415_546


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an application stands as its form is now. `problems` are those of the reading and of the database."""

    reading: Reading
    problems: Mapping[str, str]
    decision: rules.Decision

    @property
    def complete(self) -> bool:
        """Whether everything needed is there and readable."""
        return not (self.problems or self.reading.missing)


def standing(application: Application) -> Standing:
    """How the application stands; asks the database about numbers, writes nothing."""
    reading = form.read(application.form)
    found = form_checks.problems(application, reading.values)
    return Standing(reading, {**found, **reading.problems}, _decision(application, reading))


def one_at_a_time() -> None:
    """One application is received at a time, until the transaction ends: of two of one business the later sees the shop
    of the earlier, and a second shop is a choice. Taken before the audit log's own lock, which comes last."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_RECEIVING_LOCK])


def _decision(application: Application, reading: Reading) -> rules.Decision:
    values = reading.values
    answered = application.registry not in (RegistryState.UNCHECKED, RegistryState.UNREACHABLE)
    same_number = values.business_number == application.business_number
    return rules.decide(
        rules.Facts(
            kind=values.kind,
            ksic=values.ksic,
            annual_revenue=values.annual_revenue,
            registry=RegistryState(application.registry) if answered and same_number else None,
        )
    )
