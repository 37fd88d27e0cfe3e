"""The list of calls as an Excel file: written row by row, so that its length costs time and no memory."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import IO, Any, Final

from django.db import connection
from django.views.decorators.debug import sensitive_variables

from messaging.enums import MessageKind, MessageState
from messaging.queries.calls import call_length, masked_caller
from messaging.queries.outcomes import outcome
from messaging.rulebook import SkipReason
from messaging.upkeep import NUMBERS_KEPT_MONTHS
from shopmsg.accounts.models import Shop
from shopmsg.accounts.sealing import keyring
from shopmsg.core import phone
from shopmsg.core.clock import KST, add_months, day_start, format_moment, kst_day
from shopmsg.core.crypto import CryptoError
from shopmsg.core.spreadsheet_files import XLSX, bold, cell, cell_text

#: Rows of one file: more is neither opened nor read on a phone.
MOST_ROWS: Final = 50_000
CONTENT_TYPE: Final = XLSX
#: (head, width in characters).
COLUMNS: Final = (
    ("날짜", 13), ("시각", 11), ("번호", 17), ("통화 시간", 12), ("결과", 13), ("까닭", 44), ("도착", 26), ("링크", 26),
    ("쿠폰", 26),
)  # fmt: skip
#: What stands where a number was, once it is past its term (rules.md §5).
DESTROYED: Final = "지움"
WITHHELD: Final = "번호 숨김"
_CHUNK: Final = 2_000
_NOT_IN_A_FILE_NAME: Final = re.compile(
    r'[\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+'
)

# A coupon is looked up once for the whole chunk: its table has no index by message.
_ROWS: Final = """
SELECT c.id, c.received_at, c.ended_at, c.started_at, c.answered, c.caller_sealed, c.caller_last4,
       c.verdict, c.reason, c.reason_at, m.state, m.reason, m.release_at, m.gateway_code, m.kind, m.finished_at,
       o.at, k.at
FROM messaging_call c
LEFT JOIN messaging_message m ON m.id = c.message_id AND m.created_at >= c.received_at - interval '1 hour'
LEFT JOIN messaging_linkopen o ON o.message_id = c.message_id
LEFT JOIN (
    SELECT message_id, min(redeemed_at) AS at FROM messaging_couponcode
    WHERE shop_id = %(shop)s AND redeemed_at IS NOT NULL AND message_id IS NOT NULL GROUP BY message_id
) k ON k.message_id = c.message_id
WHERE c.shop_id = %(shop)s AND c.id > %(after)s
    AND c.ended_at >= %(from)s AND c.ended_at < %(until)s
    AND c.received_at >= %(from)s::timestamptz - interval '1 hour'
ORDER BY c.id
LIMIT %(limit)s
"""


def write_calls(
    shop: Shop, first: date, last: date, now: datetime, *, whole_numbers: bool, to: IO[bytes]
) -> int:
    """Write the calls that ended on the KST days `first` through `last` into `to`, oldest first, at most MOST_ROWS.

    Returns how many. With `whole_numbers` they stand in the clear: whoever hands the file out writes down why.
    """
    # Half a second and ten megabytes that no other page needs.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.title = cell_text(f"{shop.name} 통화")
    book.properties.creator = "우리가게 문자"
    # The library's types leave out half of what a write-only sheet has.
    sheet: Any = book.create_sheet("통화")
    for letter, (_, width) in zip("ABCDEFGHI", COLUMNS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.append([bold(sheet, head) for head, _ in COLUMNS])
    written = 0
    for row in _rows(shop, first, last, now, whole_numbers=whole_numbers):
        sheet.append([cell(sheet, value) for value in row])
        written += 1
    if written == MOST_ROWS:
        sheet.append(["여기까지만 담았어요. 기간을 나누어 받아 주세요."])
    sheet.auto_filter.ref = f"A1:I{written + 1}"
    book.save(to)
    return written


def file_name(shop: Shop, first: date, last: date) -> str:
    """ "행복치킨 통화 2026-11-01~2026-11-22.xlsx", without what file systems refuse."""
    name = " ".join(_NOT_IN_A_FILE_NAME.sub(" ", shop.name).split()) or "가게"
    return f"{name} 통화 {first.isoformat()}~{last.isoformat()}.xlsx"


@sensitive_variables("values", "found")
def _rows(
    shop: Shop, first: date, last: date, now: datetime, *, whole_numbers: bool
) -> Iterator[tuple[str, ...]]:
    destroyed_before = _destroyed_before(now)
    after, left = 0, MOST_ROWS
    while left > 0:
        with connection.cursor() as cursor:
            cursor.execute(
                _ROWS,
                {
                    "shop": shop.pk,
                    "after": after,
                    "from": day_start(first),
                    "until": day_start(last) + timedelta(days=1),
                    "limit": min(_CHUNK, left),
                },
            )
            found = cursor.fetchall()
        if not found:
            return
        for values in found:
            yield _texts(values, now, destroyed_before, whole_numbers=whole_numbers)
        after = found[-1][0]
        left -= len(found)


@sensitive_variables()
def _texts(
    values: tuple[Any, ...], now: datetime, destroyed_before: datetime, *, whole_numbers: bool
) -> tuple[str, ...]:
    (
        _, received_at, ended_at, started_at, answered, sealed, last4,
        verdict, call_reason, call_reason_at, state, message_reason, release_at, gateway_code, kind, finished_at,
        opened_at, redeemed_at,
    ) = values  # fmt: skip
    what = outcome(
        verdict=verdict,
        call_reason=call_reason,
        call_reason_at=call_reason_at,
        state=state,
        message_reason=message_reason or "",
        release_at=release_at,
        gateway_code=gateway_code or "",
        ended_at=ended_at,
        now=now,
    )
    if sealed is not None:
        number = _whole(sealed, last4) if whole_numbers else masked_caller(sealed, last4)
    else:
        gone = received_at < destroyed_before and call_reason != SkipReason.WITHHELD
        number = DESTROYED if gone else WITHHELD
    ended = ended_at.astimezone(KST)
    label = f"{what.label} (시험)" if kind == MessageKind.TEST else what.label
    return (
        f"{ended:%Y-%m-%d}",
        f"{ended:%H:%M:%S}",
        number,
        call_length(int((ended_at - started_at).total_seconds())) if answered else "받지 않음",
        label,
        what.sentence,
        format_moment(finished_at) if state == MessageState.DELIVERED and finished_at else "",
        format_moment(opened_at) if opened_at else "",
        format_moment(redeemed_at) if redeemed_at else "",
    )


@sensitive_variables()
def _whole(sealed: bytes | memoryview, last4: str) -> str:
    try:
        return phone.hyphenate(keyring().open(bytes(sealed)))
    except CryptoError:
        return masked_caller(sealed, last4)


def _destroyed_before(now: datetime) -> datetime:
    """Numbers of calls received before this are gone, or will be with the next upkeep."""
    return day_start(add_months(kst_day(now), -NUMBERS_KEPT_MONTHS)) + timedelta(days=1)
