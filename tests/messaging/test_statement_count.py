"""What a batch costs the database: issue 2 allows 30 statements a 1,000 messages, whatever the size of the batch."""

import pytest
from pytest_django.fixtures import Settings

from messaging import picture_uploads
from messaging.gateway_account import account_name
from tests.bench import shops, statements
from tests.services import Sandbox

_ALLOWED = 30


@pytest.mark.django_db
def test_a_batch_of_a_thousand_costs_no_more_statements_than_one_of_a_hundred(
    sandbox: Sandbox, settings: Settings
) -> None:
    settings.AD_HOURS = (0, 24 * 60)
    sandbox.reports(mode="off")
    lines = shops.seed(20)
    picture_uploads.file_id(shops.picture(), account_name())
    statements.of_one_batch(lines, 20, first_caller=10_000_000)  # promo versions are read once and kept

    hundred = statements.of_one_batch(lines, 100, first_caller=10_001_000)
    thousand = statements.of_one_batch(lines, 1_000, first_caller=10_002_000)

    assert thousand == hundred
    assert sum(thousand.values()) <= _ALLOWED
