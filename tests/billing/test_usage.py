"""사용량: taken once, refused with a sentence, priced as agreed (rules.md §3)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from billing import fees, usage
from billing.catalogue import BASE
from billing.enums import UsageKind
from billing.fees import FeeRefused
from billing.models import AgreedFee, Usage
from billing.usage import Reported
from billing.usage_lines import unpriced, usage_lines
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import AuditEntry, Shop, User
from tests.factories.accounts import ShopFactory, StaffFactory
from tests.factories.billing import billed, noon, subscribed

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OCT, NOV = date(2026, 10, 1), date(2026, 11, 1)


@dataclass(frozen=True)
class Piece:
    kind: str
    used_on: date
    quantity: int


@dataclass(frozen=True)
class Agreed:
    kind: str
    effective_from: date
    won: int


@pytest.fixture
def shop(db: None) -> Shop:
    made: Shop = ShopFactory()
    subscribed(made, date(2026, 9, 1))
    return made


@pytest.fixture
def admin(db: None) -> User:
    return StaffFactory(role=Role.ADMIN)


def entry(shop: Shop, key: str, **more: Any) -> Reported:
    fields = {"kind": "town_tv", "used_on": date(2026, 11, 3), "quantity": 1, **more}
    return Reported(shop.pk, key, **fields)


def test_the_same_report_twice_is_taken_once(shop: Shop) -> None:
    rows = [entry(shop, "a"), entry(shop, "b", quantity=4)]
    first = usage.report(rows, NOW)
    again = usage.report([*rows, entry(shop, "c"), entry(shop, "c")], NOW + timedelta(hours=1))

    assert (first.added, first.repeated, first.refused) == (2, 0, [])
    assert (again.added, again.repeated, again.refused) == (1, 3, [])
    assert Usage.objects.count() == 3


def test_what_is_wrong_is_named_and_the_rest_is_kept(shop: Shop) -> None:
    stranger = ShopFactory()
    taken = usage.report(
        [
            entry(shop, "good"),
            entry(shop, "none", quantity=0),
            entry(shop, "less", quantity=-3),
            entry(shop, "half", quantity=1.5),
            entry(shop, "true", quantity=True),
            entry(shop, "tomorrow", used_on=date(2026, 11, 23)),
            entry(shop, "unknown", kind="fax"),
            entry(stranger, "stranger"),
            entry(shop, "ancient", used_on=date(2020, 1, 1)),
            entry(shop, "k" * 101),
            entry(shop, "good", quantity=2),
        ],
        NOW,
    )

    assert taken.added == 1
    sentences = dict(taken.refused)
    assert sentences == {
        "none": "수량은 1 이상이어야 합니다.",
        "less": "수량은 1 이상이어야 합니다.",
        "half": "수량은 정수로 적어 주세요.",
        "true": "수량은 정수로 적어 주세요.",
        "tomorrow": "아직 오지 않은 날의 사용량입니다.",
        "unknown": "모르는 사용량 종류입니다.",
        "stranger": "요금제를 쓴 적이 없는 가게입니다.",
        "ancient": "그날은 아직 팔지 않던 것입니다.",
        "k" * 101: "사용량마다 100자까지의 번호가 있어야 합니다.",
        "good": "같은 번호로 다른 내용이 이미 있습니다. 고치려면 조정으로 바로잡아 주세요.",
    }


def test_a_key_that_is_known_with_something_else_in_it_is_refused_and_changes_nothing(shop: Shop) -> None:
    usage.report([entry(shop, "a", quantity=2)], NOW)
    again = usage.report([entry(shop, "a", quantity=9)], NOW)

    assert [key for key, _ in again.refused] == ["a"]
    assert Usage.objects.get().quantity == 2


def test_pieces_of_one_month_and_price_are_one_line_with_its_reckoning() -> None:
    rows = [Piece("town_tv", date(2026, 10, day), 2) for day in (1, 15, 31)]
    (line,) = usage_lines(rows, OCT, BASE, ())

    assert (line.first, line.last, line.quantity, line.parts.total_krw) == (
        OCT,
        date(2026, 10, 31),
        6,
        60_000,
    )
    assert line.sentence == "10월 우리동네TV 6회 × 10,000원 = 60,000원이에요."
    assert line.rows == tuple(rows)


def test_vat_comes_on_top_of_kakao_messages_and_is_rounded_once_a_line() -> None:
    agreed = [Agreed("alimtalk", date(2026, 1, 1), 7), Agreed("alimtalk", date(2026, 10, 16), 8)]
    rows = [Piece("alimtalk", date(2026, 10, day), count) for day, count in ((1, 5), (15, 10), (16, 4))]
    dear, cheap = usage_lines(rows, OCT, BASE, agreed)[::-1]

    assert (cheap.parts.supply_krw, cheap.parts.vat_krw) == (105, 11), "10.5 is rounded up"
    assert (dear.parts.supply_krw, dear.parts.vat_krw) == (32, 3)
    assert "여기에 부가세 11원을 더했어요." in cheap.sentence


def test_a_prize_commission_is_a_share_of_all_prizes_rounded_down_once() -> None:
    rows = [Piece("point_prize", date(2026, 10, 2), 1_009), Piece("point_prize", date(2026, 10, 3), 1_009)]
    (line,) = usage_lines(rows, OCT, BASE, ())
    (partner,) = usage_lines([Piece("partner_prize", date(2026, 9, 3), 9_999)], OCT, BASE, ())

    assert line.parts.total_krw == 201
    assert line.sentence == "10월 경품 값 2,018원의 10% = 201원이에요."
    assert partner.parts.total_krw == 1_499
    assert partner.sentence.endswith("9월에 쓰신 것이 늦게 도착해서 이번에 청구해요.")


def test_a_message_of_a_day_without_an_agreed_fee_is_no_line() -> None:
    agreed = [Agreed("alimtalk", date(2026, 10, 10), 9)]
    rows = [Piece("alimtalk", date(2026, 10, 9), 5), Piece("alimtalk", date(2026, 10, 10), 5)]

    assert [line.quantity for line in usage_lines(rows, OCT, BASE, agreed)] == [5]
    assert unpriced(rows, BASE, agreed) == (UsageKind.ALIMTALK,)


def test_a_fee_is_agreed_in_whole_won_once_a_day_for_what_has_no_price_of_its_own(
    shop: Shop, admin: User
) -> None:
    def agree(**more: Any) -> str:
        fields = {"kind": "alimtalk", "won": 9, "effective_from": date(2026, 12, 1), **more}
        try:
            fees.agree(shop.merchant, **fields, by=admin, address=None, now=NOW)
        except FeeRefused as refused:
            return refused.code
        return ""

    assert [agree(won=won) for won in (0, -1, 1.5, 10_001)] == ["amount"] * 4
    assert agree(kind="town_tv") == "not_agreed"
    assert agree(kind="fax") == "unknown_usage"
    assert agree() == ""
    assert agree(won=8) == "overlap"
    assert agree(effective_from=OCT) == "", "what waits without a price may be given one"
    assert AuditEntry.objects.filter(action="fee.agreed").count() == AgreedFee.objects.count() == 2


def test_a_fee_never_reaches_back_to_what_is_charged(shop: Shop, admin: User) -> None:
    usage.report([entry(shop, "k", kind="alimtalk", used_on=date(2026, 10, 5), quantity=100)], NOW)
    more: dict[str, Any] = {"kind": "alimtalk", "by": admin, "address": None, "now": NOW}
    fees.agree(shop.merchant, won=9, effective_from=OCT, **more)
    assert billed(shop, OCT, noon(date(2026, 11, 2))).entries.filter(kind="usage").exists()

    with pytest.raises(FeeRefused) as refused:
        fees.agree(shop.merchant, won=1, effective_from=date(2026, 10, 5), **more)
    assert refused.value.code == "charged"
    fees.agree(shop.merchant, won=8, effective_from=date(2026, 10, 6), **more)
