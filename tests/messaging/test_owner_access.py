"""Who may see and who may change a shop's pages: owner, colleague, stranger, nobody."""

import pytest
from django.test import Client

from messaging.models import Block, PromoVersion
from tests.factories.messaging import block, promo_version, sent_call
from tests.messaging.owner_page import Stage, stage

pytestmark = pytest.mark.django_db

PAGES = [
    "",
    "calls/",
    "calls/export/",
    "calls/{call}/",
    "numbers/",
    "promo/",
    "optouts/",
    "blocks/",
    "settings/",
    "settings/rules/",
    "settings/notifications/",
    "people/",
]
EDITS = [
    "calls/{call}/",
    "blocks/",
    "blocks/{block}/remove/",
    "blocks/undo/",
    "blocks/upload/",
    "settings/rules/",
    "settings/notifications/",
    "people/",
    "sending/",
]


def _paths(at: Stage, pages: list[str]) -> list[str]:
    call = sent_call(at.shop)
    promo_version(at.shop)
    blocked = block(at.shop)
    return [at.url(page.format(call=call.pk, block=blocked.pk)) for page in pages]


def test_owner_and_colleague_see_every_page_and_a_stranger_learns_nothing() -> None:
    at = stage()
    for path in _paths(at, PAGES):
        assert at.owner.get(path).status_code == 200, path
        assert at.colleague.get(path).status_code == 200, path
        assert at.stranger.get(path).status_code == 404, path
        assert Client().get(path).status_code == 302, path


def test_nobody_but_who_may_edit_changes_anything() -> None:
    at = stage()
    for path in _paths(at, EDITS):
        for browser, status in ((at.colleague, 403), (at.stranger, 404)):
            answer = browser.post(
                path,
                {"to": "off", "number": "01055556666", "headline": "새 제목", "body": "새 내용", "kind": "common",
                 "action": "publish", "why": "다시 전화하려고"},
            )  # fmt: skip
            assert answer.status_code == status, path
    at.shop.refresh_from_db()
    assert at.shop.sending_on
    assert Block.objects.count() == 1
    assert PromoVersion.objects.filter(live=True).count() == 0


def test_a_colleague_is_shown_no_button_that_would_fail() -> None:
    at = stage()
    call = sent_call(at.shop)
    block(at.shop)
    for page, button in [
        ("", "발송 끄기"),
        (f"calls/{call.pk}/", "번호 보기"),
        ("blocks/", "차단 풀기"),
        ("settings/rules/", "저장하기"),
        ("settings/notifications/", "저장하기"),
        ("people/", "더하고 문자 보내기"),
    ]:
        assert button in at.owner.get(at.url(page)).content.decode()
        assert button not in at.colleague.get(at.url(page)).content.decode()


def test_one_owner_cannot_reach_rows_of_another_through_the_own_shop() -> None:
    mine, other = stage(), stage()
    call = sent_call(other.shop)
    blocked = block(other.shop)
    promo_version(other.shop)
    assert mine.owner.get(mine.url(f"calls/{call.pk}/")).status_code == 404
    assert mine.owner.post(mine.url(f"blocks/{blocked.pk}/remove/")).status_code == 404
    assert mine.owner.post(mine.url("promo/versions/1/")).status_code == 404
