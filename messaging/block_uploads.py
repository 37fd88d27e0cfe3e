"""Many numbers for the block list at once: from a file or pasted, the good ones kept, the others named (issue 3)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.core import signing
from django.db import transaction

from messaging import blocks
from messaging.models import Block
from messaging.number_cells import CellRefused, mobile_in
from shopmsg.accounts import audit
from shopmsg.accounts.models import Shop, User
from shopmsg.accounts.sealing import keyring
from shopmsg.core.spreadsheets import SMALL, Row, SpreadsheetRefused, column_name, with_header

UNDO_FOR: Final = timedelta(days=1)
_SALT: Final = "messaging.block_uploads.undo"
_LONGEST_LABEL: Final = 30
_NAMES: Final = {
    "number": (
        "휴대폰", "휴대폰번호", "휴대전화", "휴대전화번호", "핸드폰", "핸드폰번호", "전화번호", "전화", "연락처",
        "번호", "mobile", "phone", "phonenumber", "tel",
    ),
    "label": ("메모", "이름", "성명", "상호", "거래처", "거래처명", "업체명", "비고", "구분", "name", "memo"),
}  # fmt: skip
_PASTED: Final = re.compile(r"\s*([+(]?[\d０-９][\d０-９\s\-().‐-―]{5,}[\d０-９])[\s,;:/]*(.*)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One number to block, where it stood and what its owner calls it."""

    row: int
    number: str
    label: str


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one cell: the row as the spreadsheet shows it, its column ("B", "" in pasted text), what
    stands there and why it cannot be taken."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was read of a list: numbers that can be blocked, and what was wrong with the others."""

    entries: tuple[Entry, ...]
    errors: tuple[RowError, ...]
    shortened: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a list. `undo` takes all of `added` off the list again for a day ("" when nothing was added)."""

    added: int
    repeated: int
    already: int
    shortened: int
    errors: tuple[RowError, ...]
    undo: str


def of_file(found: Sequence[Row]) -> Numbers:
    """The numbers in a file's rows. The header is recognised; without one the column that holds most mobile numbers is
    it, and the memo is the first other one with words. Raises SpreadsheetRefused("no_column")."""
    sheet = with_header(found, _NAMES)
    number, label = sheet.columns.get("number"), sheet.columns.get("label")
    if number is None:
        # A header without a number's name is a row like any other.
        sheet = with_header(found, {})
        number = _likeliest_column(sheet.rows)
        label = _first_words(sheet.rows, number)
    entries, errors, shortened = [], [], 0
    for row in sheet.rows:
        text = row.cell(number)
        try:
            digits = mobile_in(text)
        except CellRefused as refusal:
            errors.append(RowError(row.number, column_name(number), text[:_LONGEST_LABEL], refusal.message))
            continue
        memo = row.cell(label)
        shortened += len(memo) > _LONGEST_LABEL
        entries.append(Entry(row.number, digits, memo[:_LONGEST_LABEL]))
    return Numbers(tuple(entries), tuple(errors), shortened)


def of_text(text: str) -> Numbers:
    """The numbers of pasted lines, one a line; what follows a number is its memo. Raises
    SpreadsheetRefused("too_many_rows")."""
    lines = text.splitlines()
    if len(lines) > SMALL.rows:
        raise SpreadsheetRefused("too_many_rows", f"한 번에 {SMALL.rows:,}줄까지 붙여 넣을 수 있어요.")
    entries, errors, shortened = [], [], 0
    for row, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        parted = _PASTED.fullmatch(line)
        number, memo = (parted[1], parted[2].strip()) if parted else (line, "")
        try:
            digits = mobile_in(number)
        except CellRefused as refusal:
            errors.append(RowError(row, "", line.strip()[:_LONGEST_LABEL], refusal.message))
            continue
        shortened += len(memo) > _LONGEST_LABEL
        entries.append(Entry(row, digits, memo[:_LONGEST_LABEL]))
    return Numbers(tuple(entries), tuple(errors), shortened)


def block_all(shop: Shop, read: Numbers, label: str, *, by: User, address: str | None) -> Outcome:
    """Put what was read on the block list; `label` is the memo of entries that have none. Numbers twice in the list or
    blocked before are counted, what the list has no room for is named."""
    ring = keyring()
    errors = list(read.errors)
    repeated = already = 0
    made: dict[str, Block] = {}
    with transaction.atomic():
        # Whoever adds to this shop's list holds this lock, so the ids of one upload stand together.
        Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        known = set(map(bytes, Block.objects.filter(shop=shop).values_list("recipient_index", flat=True)))
        room = blocks.MOST - len(known)
        for entry in read.entries:
            if entry.number in made:
                repeated += 1
            elif known.intersection(ring.indexes(entry.number)):
                already += 1
            elif len(made) >= room:
                reason = f"차단 목록은 {blocks.MOST:,}개까지예요. 쓰지 않는 번호를 먼저 빼 주세요."
                errors.append(RowError(entry.row, "", entry.label, reason))
            else:
                made[entry.number] = Block(
                    shop=shop,
                    recipient_index=ring.index(entry.number),
                    recipient_sealed=ring.seal(entry.number),
                    label=entry.label or label,
                )
        kept = [block.pk for block in Block.objects.bulk_create(made.values(), batch_size=1_000)]
        if kept:
            audit.record(
                "block.many_added",
                actor=by,
                shop=shop,
                subject=f"shop:{shop.pk}",
                detail={"added": len(kept), "first": min(kept), "last": max(kept)},
                address=address,
            )
    token = (
        signing.dumps({"shop": shop.pk, "first": min(kept), "last": max(kept)}, salt=_SALT) if kept else ""
    )
    return Outcome(len(kept), repeated, already, read.shortened, tuple(sorted(errors, key=_place)), token)


def take_back(shop: Shop, token: str, *, by: User, address: str | None) -> int:
    """Take off the list all that one upload added and that is still there; returns how many. Raises
    blocks.BlockRefused when the day is over or the upload was another shop's."""
    try:
        kept = signing.loads(token, salt=_SALT, max_age=UNDO_FOR)
    except signing.BadSignature:
        raise blocks.BlockRefused(
            "undo_over", "한꺼번에 되돌릴 수 있는 하루가 지났어요. 목록에서 하나씩 풀어 주세요."
        ) from None
    if kept["shop"] != shop.pk:
        raise blocks.BlockRefused("undo_over", "이 가게에 올린 번호가 아니에요.")
    with transaction.atomic():
        removed, _ = Block.objects.filter(shop=shop, pk__gte=kept["first"], pk__lte=kept["last"]).delete()
        if removed:
            audit.record(
                "block.many_removed",
                actor=by,
                shop=shop,
                subject=f"shop:{shop.pk}",
                detail={"removed": removed, "first": kept["first"], "last": kept["last"]},
                address=address,
            )
    return removed


def _place(error: RowError) -> tuple[int, str]:
    return error.row, error.column


def _likeliest_column(found: Sequence[Row]) -> int:
    columns = range(max((len(row.cells) for row in found), default=0))
    counts = [sum(_is_mobile(row.cell(column)) for row in found[:200]) for column in columns]
    if not counts or not max(counts):
        raise SpreadsheetRefused(
            "no_column",
            "휴대폰 번호가 있는 칸을 찾지 못했어요. 첫 줄에 ‘휴대폰’이라고 적고 다시 올려 주세요.",
        )
    return counts.index(max(counts))


def _first_words(found: Sequence[Row], number: int) -> int | None:
    columns = range(max((len(row.cells) for row in found), default=0))
    return next(
        (
            column
            for column in columns
            if column != number
            and any(any(char.isalpha() for char in row.cell(column)) for row in found[:200])
        ),
        None,
    )


def _is_mobile(text: str) -> bool:
    try:
        mobile_in(text)
    except CellRefused:
        return False
    return True
