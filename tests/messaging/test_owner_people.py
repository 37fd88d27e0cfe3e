"""Opt-outs to look at, blocks to keep, and what an owner decides about sending."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from messaging import blocks
from messaging.models import Block
from messaging.queries.people import PAGE, optouts_page
from shopmsg.accounts import audit
from shopmsg.accounts.enums import NightPolicy
from shopmsg.accounts.models import AuditEntry, Shop
from shopmsg.accounts.sealing import keyring
from tests.factories.messaging import block, opt_out
from tests.messaging.owner_page import Stage, stage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("people", [1, 3])
@pytest.mark.parametrize("page", ["optouts/", "blocks/"])
def test_lists_of_people_cost_the_same_whatever_their_length(
    page: str, people: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = stage()
    for number in range(people):
        block(at.shop, f"0101111000{number}")
        opt_out(at.shop, f"0101111000{number}")
    at.owner.get(at.url(page))
    with django_assert_num_queries(5):
        answer = at.owner.get(at.url(page))
    assert len(answer.context["rows"]) == people


def test_opt_outs_in_force_are_listed_and_ended_ones_are_not() -> None:
    at, other = stage(), stage()
    shown = opt_out(at.shop, "01011112222")
    opt_out(at.shop, "01011113333", ended_at=timezone.now())
    opt_out(other.shop, "01011112222")
    assert [row.id for row in optouts_page(at.shop).rows] == [shown.pk]
    assert [row.id for row in optouts_page(at.shop, last4="3333").rows] == []
    page = at.owner.get(at.url("optouts/")).content.decode()
    assert "2222" in page
    assert "1111" not in page


def test_opt_outs_are_paged_without_gaps() -> None:
    at = stage()
    made = [opt_out(at.shop, f"010111{number:05d}").pk for number in range(PAGE + 2)]
    first = optouts_page(at.shop)
    second = optouts_page(at.shop, before=first.older)
    assert [row.id for row in (*first.rows, *second.rows)] == made[::-1]
    assert second.older is None


def test_a_blocked_number_is_sealed_masked_and_written_down_without_the_number() -> None:
    at = stage()
    at.owner.post(at.url("blocks/"), {"number": "010-9876-5432", "label": "처남"})
    kept = Block.objects.get(shop=at.shop)
    assert bytes(kept.recipient_index) == keyring().index("01098765432")
    assert b"98765432" not in bytes(kept.recipient_sealed)
    page = at.owner.get(at.url("blocks/")).content.decode()
    assert "010-****-5432" in page
    assert "9876" not in page
    entry = AuditEntry.objects.get(action="block.added")
    assert entry.actor == at.user
    assert "5432" not in f"{entry.subject}{entry.reason}{entry.detail}"


@pytest.mark.parametrize("typed", ["02-123-4567", "1234", "", "전화번호", "+1 202 555 0100"])
def test_what_is_no_mobile_number_is_not_blocked(typed: str) -> None:
    at = stage()
    answer = at.owner.post(at.url("blocks/"), {"number": typed, "label": "메모는 남아요"})
    assert "010부터" in answer.content.decode()
    assert "메모는 남아요" in answer.content.decode()
    assert not Block.objects.exists()


def test_a_number_is_blocked_once_however_it_is_written() -> None:
    at = stage()
    for typed in ("01098765432", "+82 10-9876-5432"):
        answer = at.owner.post(at.url("blocks/"), {"number": typed})
    assert "이미 차단 목록에" in answer.content.decode()
    assert Block.objects.filter(shop=at.shop).count() == 1


def test_a_number_blocked_under_an_older_index_key_is_still_found(settings: Any) -> None:
    at = stage()
    blocks.add(at.shop, "01098765432", "", by=at.user, address=None)
    first = settings.INDEX_KEYS[0]
    settings.INDEX_KEYS = ["9:" + "Zm9v" * 10 + "Zm8=", first]
    with pytest.raises(blocks.BlockRefused):
        blocks.add(at.shop, "01098765432", "", by=at.user, address=None)


def test_removing_asks_once_and_can_be_undone() -> None:
    at = stage()
    blocked = block(at.shop, "01098765432", "처남")
    path = at.url(f"blocks/{blocked.pk}/remove/")
    assert "풀까요" in at.owner.get(path).content.decode()
    assert Block.objects.filter(pk=blocked.pk).exists()
    page = at.owner.post(path, follow=True)
    assert not Block.objects.filter(shop=at.shop).exists()
    assert "9876" not in page.content.decode()
    at.owner.post(at.url("blocks/undo/"), {"undo": page.context["undo"]})
    back = Block.objects.get(shop=at.shop)
    assert (keyring().open(bytes(back.recipient_sealed)), back.label) == ("01098765432", "처남")
    assert "되돌리기" not in at.owner.get(at.url("blocks/")).content.decode()


def test_an_undo_works_only_where_it_was_given() -> None:
    mine, other = stage(), stage()
    token = blocks.remove(block(other.shop), by=other.user, address=None)
    for forged in (token, token + "x", ""):
        mine.owner.post(mine.url("blocks/undo/"), {"undo": forged})
    assert not Block.objects.filter(shop=mine.shop).exists()


def test_whose_a_number_is_can_be_tapped() -> None:
    at = stage()
    at.owner.post(at.url("blocks/"), {"number": "01098765432", "tag": "거래처", "label": "대성주류"})
    at.owner.post(at.url("blocks/"), {"number": "01098765433", "tag": "가족", "label": ""})
    assert sorted(Block.objects.values_list("label", flat=True)) == ["가족", "거래처 · 대성주류"]


def test_blocks_are_found_by_memo_and_by_last_digits() -> None:
    at = stage()
    block(at.shop, "01011112222", "주류 거래처")
    block(at.shop, "01011113333", "처남")
    for search, found in (("거래", "2222"), ("3333", "3333"), ("없음", "찾는 번호가 없어요")):
        page = at.owner.get(at.url("blocks/"), {"q": search})
        assert found in page.content.decode()
        assert len(page.context["rows"]) == (0 if search == "없음" else 1)


RULES = {"min_call_seconds": "30", "night_policy": "skip", "release_hour": "10"}


def _is_on(at: Stage) -> bool:
    return Shop.objects.get(pk=at.shop.pk).sending_on


def test_sending_goes_off_after_one_question_and_on_at_once() -> None:
    at = stage()
    question = at.owner.get(at.url("sending/off/")).content.decode()
    assert "나가지 않아요" in question
    assert _is_on(at)
    at.owner.post(at.url("sending/"), {"to": "off", "until": "none"})
    at.owner.post(at.url("sending/"), {"to": "off", "until": "none"})
    assert not _is_on(at)
    assert "발송이 꺼져 있어요" in at.owner.get(at.url()).content.decode()
    at.owner.post(at.url("sending/"), {"to": "on"})
    assert _is_on(at)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "shop.sending_off",
        "shop.sending_on",
    ]
    assert audit.verify() is None


def test_the_shops_rules_are_changed_and_written_down() -> None:
    at = stage(min_call_seconds=17)
    assert 'value="17" selected' in at.owner.get(at.url("settings/rules/")).content.decode()
    at.owner.post(at.url("settings/rules/"), RULES)
    at.shop.refresh_from_db()
    assert (at.shop.min_call_seconds, at.shop.night_policy, at.shop.release_hour) == (
        30,
        NightPolicy.SKIP,
        10,
    )
    entry = AuditEntry.objects.get(action="shop.rules_changed")
    assert entry.detail["before"] == {"night_policy": "hold", "min_call_seconds": 17, "release_hour": 8}


@pytest.mark.parametrize(
    "wrong",
    [{"min_call_seconds": "99999"}, {"night_policy": "never"}, {"release_hour": "21"}, {"release_hour": "7"}],
)
def test_a_rule_that_does_not_exist_changes_nothing(wrong: dict[str, str]) -> None:
    at = stage()
    assert at.owner.post(at.url("settings/rules/"), RULES | wrong).status_code == 200
    assert at.owner.post(at.url("settings/rules/"), {}).status_code == 200
    at.shop.refresh_from_db()
    assert at.shop.min_call_seconds == 10
