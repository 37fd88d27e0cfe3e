"""POST /hooks/optouts: a call to the free 080 line is in force when it is answered."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from messaging.enums import OptOutSource
from messaging.models import OptOut, OptOutEvent, RecipientGuard
from messaging.optouts import is_opted_out
from shopmsg.accounts.enums import NoticeKind
from shopmsg.accounts.models import Notice, Shop
from shopmsg.accounts.sealing import keyring
from tests.factories.accounts import ShopFactory
from tests.services import KT_NEW, PBX
from tests.telephone import OPTOUTS, Telephone, opt_out

CALLER = "01012345678"
SHARED = "08000001111"
OWN = "08077778888"

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(client: Client) -> Telephone:
    return Telephone(client)


def answer(response: HttpResponse) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(response.content)
    return body


def refused(number: str = CALLER) -> set[Shop]:
    index = keyring().index(number)
    return {shop for shop in Shop.objects.all() if is_opted_out(shop.pk, index)}


def wrote(shop: Shop, number: str, ago: timedelta) -> None:
    RecipientGuard.objects.create(
        shop_id=shop.pk,
        recipient_index=keyring().index(number),
        last_sent_at=datetime.now(UTC) - ago,
        message_id=1,
    )


@pytest.fixture
def shared() -> list[Shop]:
    return [ShopFactory(optout_080=SHARED, optout_code=str(code)) for code in (111, 222, 333)]


def test_on_a_number_of_one_shop_that_shop_is_meant_with_or_without_a_code(phone: Telephone) -> None:
    shop = ShopFactory(optout_080=OWN, optout_code="")
    ShopFactory(optout_080=SHARED)
    response = phone.optouts(opt_out("+82 10-1234-5678", "080-7777-8888", shop_code="999"))
    assert response.status_code == 202
    assert answer(response) == {"accepted": 1, "duplicates": 0, "rejected": []}
    assert refused() == {shop}
    row = OptOut.objects.get()
    assert (row.source, row.last4, row.ended_at) == (OptOutSource.CALL_080, "5678", None)


def test_on_a_shared_number_the_code_names_the_shop(phone: Telephone, shared: list[Shop]) -> None:
    for shop in shared:
        wrote(shop, CALLER, timedelta(days=1))
    phone.optouts(opt_out(CALLER, SHARED, shop_code="222"))
    assert refused() == {shared[1]}


@pytest.mark.parametrize("code", [None, "", "999"])
def test_on_a_shared_number_without_a_known_code_every_shop_that_wrote_within_a_year_is_meant(
    phone: Telephone, shared: list[Shop], code: str | None
) -> None:
    wrote(shared[0], CALLER, timedelta(days=364))
    wrote(shared[1], CALLER, timedelta(days=366))
    wrote(shared[2], "01099998888", timedelta(days=1))
    wrote(ShopFactory(optout_080=OWN), CALLER, timedelta(days=1))
    assert answer(phone.optouts(opt_out(CALLER, SHARED, shop_code=code)))["accepted"] == 1
    assert refused() == {shared[0]}
    assert OptOutEvent.objects.get().shops == 1


def test_a_caller_nobody_wrote_to_is_accepted_and_refuses_nobody(
    phone: Telephone, shared: list[Shop]
) -> None:
    assert answer(phone.optouts(opt_out(CALLER, SHARED)))["accepted"] == 1
    assert refused() == set()


def test_the_person_is_told_the_result_once(phone: Telephone) -> None:
    shop = ShopFactory(optout_080=OWN)
    for _ in range(3):
        phone.optouts(opt_out(CALLER, OWN))
    notice = Notice.objects.get()
    assert notice.kind == NoticeKind.OPTOUT_RESULT
    assert keyring().open(bytes(notice.to_sealed)) == CALLER
    assert notice.fields["shop"] == shop.name
    assert notice.expires_at <= datetime.now(UTC) + timedelta(days=14)
    assert CALLER not in json.dumps(notice.fields)


def test_a_land_line_may_refuse_but_gets_no_text(phone: Telephone) -> None:
    shop = ShopFactory(optout_080=OWN)
    assert answer(phone.optouts(opt_out("02-987-6543", OWN)))["accepted"] == 1
    assert refused("029876543") == {shop}
    assert not Notice.objects.exists()


def test_the_same_event_again_is_a_duplicate_whatever_it_says(phone: Telephone) -> None:
    ShopFactory(optout_080=OWN)
    item = opt_out(CALLER, OWN, optout_id="e1")
    assert answer(phone.optouts(item)) == {"accepted": 1, "duplicates": 0, "rejected": []}
    assert answer(phone.optouts(item, item)) == {"accepted": 0, "duplicates": 2, "rejected": []}
    other = opt_out("01099998888", OWN, optout_id="e1")
    assert answer(phone.optouts(other))["duplicates"] == 1
    assert refused("01099998888") == set()
    assert answer(phone.post({"optouts": [item]}, path=OPTOUTS, secret=PBX))["accepted"] == 1
    assert OptOut.objects.count() == 1


def test_a_repeated_refusal_leaves_the_first_as_it_was(phone: Telephone) -> None:
    ShopFactory(optout_080=OWN)
    phone.optouts(opt_out(CALLER, OWN, at=datetime.now(UTC) - timedelta(days=2)))
    first = OptOut.objects.get()
    phone.optouts(opt_out(CALLER, OWN))
    assert OptOut.objects.get().at == first.at


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "080 of nobody": ({"number_080": "08099999999"}, "unknown_080"),
    "080 is no number": ({"number_080": "무료"}, "malformed"),
    "caller withheld": ({"caller": "anonymous"}, "caller_malformed"),
    "caller null": ({"caller": None}, "invalid"),
    "in the future": ({"at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}, "time_out_of_range"),
    "no offset": ({"at": "2026-11-22T15:00:00"}, "invalid"),
    "no id": ({"id": ...}, "missing_field"),
    "id with NUL": ({"id": "a\x00"}, "invalid"),
    "id too long": ({"id": "x" * 65}, "invalid"),
    "code is a number": ({"shop_code": 111}, "invalid"),
}


@pytest.mark.parametrize(("wrong", "code"), BAD.values(), ids=BAD)
def test_one_bad_item_is_named_and_costs_no_other(phone: Telephone, wrong: dict[str, Any], code: str) -> None:
    shop = ShopFactory(optout_080=OWN)
    bad = {name: value for name, value in (opt_out("01055556666", OWN) | wrong).items() if value is not ...}
    response = phone.optouts(bad, opt_out(CALLER, OWN))
    assert response.status_code == 202
    body = answer(response)
    assert (body["accepted"], body["duplicates"]) == (1, 0)
    (rejected,) = body["rejected"]
    assert (rejected["index"], rejected["code"]) == (0, code)
    assert set(rejected) == {"index", "call_id", "code", "message"}
    assert rejected["message"].endswith("요.")
    assert refused() == {shop}
    assert refused("01055556666") == set()


def test_the_door_is_the_same_as_for_calls(phone: Telephone) -> None:
    ShopFactory(optout_080=OWN)
    item = opt_out(CALLER, OWN)
    body = json.dumps({"optouts": [item]}).encode()
    old = datetime.now(UTC) - timedelta(minutes=6)
    assert phone.post(body, path=OPTOUTS, at=old).status_code == 401
    assert phone.post(body, path=OPTOUTS, headers={"webhook-signature": ""}).status_code == 401
    assert phone.post(b"\xff", path=OPTOUTS).status_code == 422
    assert phone.post({"optouts": []}, path=OPTOUTS).status_code == 422
    assert phone.post({"calls": [item]}, path=OPTOUTS).status_code == 422
    assert phone.optouts(*[item] * 1_001).status_code == 413
    assert phone.post(b" " * (2 * 1024 * 1024 + 1), path=OPTOUTS).status_code == 413
    assert not OptOut.objects.exists()
    assert phone.post(body, path=OPTOUTS, secret=KT_NEW).status_code == 202


def test_half_a_surrogate_pair_in_one_item_costs_only_it(phone: Telephone) -> None:
    shop = ShopFactory(optout_080=OWN)
    good = json.dumps(opt_out(CALLER, OWN)).encode()
    response = phone.post(b'{"optouts": [{"id": "\\ud800"}, ' + good + b"]}", path=OPTOUTS)
    assert [item["index"] for item in answer(response)["rejected"]] == [0]
    assert refused() == {shop}
