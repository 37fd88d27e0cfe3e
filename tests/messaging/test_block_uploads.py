"""Many numbers for the block list at once: good ones kept, the others named, all of it undone."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from messaging import block_uploads, blocks
from messaging.models import Block
from shopmsg.accounts.models import AuditEntry
from shopmsg.accounts.sealing import keyring
from shopmsg.core.spreadsheets import Row, SpreadsheetRefused
from tests.core.test_spreadsheets import read, xlsx
from tests.factories.accounts import ShopFactory
from tests.factories.messaging import block
from tests.messaging.owner_page import stage

pytestmark = pytest.mark.django_db


def upload(at, data, name="거래처.xlsx", **fields):
    file = SimpleUploadedFile(name, data)
    return at.owner.post(at.url("blocks/upload/"), {"file": file, "pasted": "", "tag": "", **fields})


def numbers(shop):
    return sorted(keyring().open(bytes(each.recipient_sealed)) for each in Block.objects.filter(shop=shop))


def test_good_rows_are_blocked_and_only_faulty_ones_are_named_with_row_column_and_reason():
    at = stage()
    block(at.shop, "01011110009")
    answer = upload(
        at,
        xlsx(
            [
                ["거래처명", "담당", "휴대폰"],
                ["대성주류", "김", 1011110001],
                ["한일식자재", "이", "1.01E+09"],
                ["", "", ""],
                ["중앙청과", "박", "02-123-4567"],
                ["대성주류 둘", "최", "010-1111-0001"],
                ["이미", "정", "01011110009"],
                ["가" * 40, "오", "01011110002"],
            ]
        ),
    )
    outcome = answer.context["outcome"]
    assert (outcome.added, outcome.repeated, outcome.already, outcome.shortened) == (2, 1, 1, 1)
    assert [(error.row, error.column) for error in outcome.errors] == [(3, "C"), (5, "C")]
    page = answer.content.decode()
    for words in ("C열 3줄", "1.01E+09", "텍스트", "C열 5줄", "02-123-4567", "010부터"):
        assert words in page
    assert "010-1111-0001" not in page
    assert numbers(at.shop) == ["01011110001", "01011110002", "01011110009"]
    assert set(Block.objects.values_list("label", flat=True)) >= {"대성주류", "가" * 30}


def test_a_list_without_header_is_understood_by_what_stands_in_it():
    read_ = block_uploads.of_file(read("1,김 사장,01011110001\n2,이 사장,01011110002\n".encode("cp949")))
    assert [(entry.number, entry.label) for entry in read_.entries] == [
        ("01011110001", "김 사장"),
        ("01011110002", "이 사장"),
    ]


def test_a_list_without_any_number_says_what_is_missing():
    with pytest.raises(SpreadsheetRefused) as refused:
        block_uploads.of_file((Row(1, ("이름", "주소")), Row(2, ("김", "서울"))))
    assert refused.value.code == "no_column"


def test_pasted_lines_are_taken_with_their_memos():
    at = stage()
    answer = at.owner.post(
        at.url("blocks/upload/"),
        {"pasted": "010-1111-0001 처남\n\n01011110002\n엄마\n010 1111 0003, 대성 주류 2호", "tag": "가족"},
    )
    assert [(error.row, error.value) for error in answer.context["outcome"].errors] == [(4, "엄마")]
    assert sorted(Block.objects.values_list("label", flat=True)) == ["가족", "대성 주류 2호", "처남"]


def test_a_whole_upload_is_undone_and_nothing_else():
    at = stage()
    block(at.shop, "01011110009")
    answer = upload(at, "번호\n01011110001\n01011110002\n".encode(), "목록.csv")
    block(at.shop, "01011110008")
    assert "올린 번호 모두 되돌리기" in at.owner.get(at.url("blocks/")).content.decode()
    at.owner.post(at.url("blocks/upload/undo/"), {"undo": answer.context["outcome"].undo})
    assert numbers(at.shop) == ["01011110008", "01011110009"]
    assert "올린 번호 모두 되돌리기" not in at.owner.get(at.url("blocks/")).content.decode()
    added = AuditEntry.objects.get(action="block.many_added")
    assert (added.detail["added"], added.actor) == (2, at.user)
    assert AuditEntry.objects.get(action="block.many_removed").detail["removed"] == 2


def test_an_upload_is_undone_only_by_its_shop_and_within_a_day():
    mine, other = stage(), stage()
    token = upload(other, b"01011110001\n", "a.txt").context["outcome"].undo
    mine.owner.post(mine.url("blocks/upload/undo/"), {"undo": token})
    with (
        time_machine.travel(timezone.now() + timedelta(days=1, seconds=2)),
        pytest.raises(blocks.BlockRefused),
    ):
        block_uploads.take_back(other.shop, token, by=other.user, address=None)
    assert numbers(other.shop) == ["01011110001"]


def test_the_way_back_of_one_shops_upload_is_not_offered_at_the_owners_other_shop():
    at = stage()
    other = ShopFactory(owner=at.user)
    token = upload(at, b"01011110001\n", "a.txt").context["outcome"].undo
    assert "올린 번호 모두 되돌리기" not in at.owner.get(f"/shops/{other.slug}/blocks/").content.decode()
    at.owner.post(f"/shops/{other.slug}/blocks/upload/undo/", {"undo": token})
    assert "올린 번호 모두 되돌리기" in at.owner.get(at.url("blocks/")).content.decode()


def test_what_the_list_has_no_room_for_is_named(monkeypatch):
    monkeypatch.setattr(blocks, "MOST", 2)
    at = stage()
    outcome = upload(at, b"01011110001\n01011110002\n01011110003\n", "a.txt").context["outcome"]
    assert (outcome.added, [error.row for error in outcome.errors]) == (2, [3])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"", "적힌 것이 없어요"), (b"x" * 2_100_000, "2MB"), (b"%PDF\x00", "읽을 수 없는")],
)
def test_a_file_that_cannot_be_read_says_why_beside_the_field(data, sentence):
    at = stage()
    answer = upload(at, data)
    assert sentence in answer.content.decode()
    assert answer.context["form"].errors["file"]
    assert not Block.objects.exists()


def test_nothing_chosen_is_asked_for():
    at = stage()
    assert "파일을 고르거나" in at.owner.post(at.url("blocks/upload/"), {}).content.decode()


def test_more_than_fifty_faults_are_counted_not_listed():
    at = stage()
    answer = upload(at, b"01011110001\n" + b"02-123-4567\n" * 60, "a.csv")
    assert (len(answer.context["errors"]), answer.context["more_errors"]) == (50, 10)


def test_the_empty_list_to_fill_in_comes_back_as_a_list_without_faults():
    at = stage()
    sample = at.owner.get(at.url("blocks/upload/sample.xlsx")).content
    assert [row.cells for row in read(sample)] == [("휴대폰", "메모")]


def test_an_upload_costs_the_same_statements_whatever_its_length(django_assert_num_queries):
    at = stage()
    made = [
        block_uploads.Numbers(
            tuple(block_uploads.Entry(row, f"010{size}{row:06d}", "") for row in range(size)), (), 0
        )
        for size in (10, 30)
    ]
    for each in made:
        with django_assert_num_queries(10):
            block_uploads.block_all(at.shop, each, "", by=at.user, address=None)
