import json
from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing.catalogue import NotSold
from billing.replay import Month, Replay, Row, replay
from billing.replay_file import read
from billing.replay_object import LONGEST, BadFile, Problem
from shopmsg.core.clock import kst_day
from shopmsg.core.money import format_won


class Command(BaseCommand):
    help = "Reckon a contract's history (JSON, docs/billing.md) month by month; exits with 2 for a file that is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--contract", type=Path, required=True, metavar="FILE", help="the history")
        parser.add_argument(
            "--on", type=_day, metavar="YYYY-MM-DD", help="reckon to the end of that day; today unless set"
        )
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, contract: Path, on: date | None, json: bool, **options: Any) -> None:
        try:
            history = read(_bytes_of(contract))
            on = on or kst_day(timezone.now())
            if on < history.contract.starts_on:
                raise BadFile(
                    [Problem("--on", "past", f"개통한 {history.contract.starts_on}이나 그 뒤를 적어 주세요.")]
                )
            found = replay(history, on)
        except BadFile as bad:
            raise CommandError(_problems(bad, json), returncode=2) from None
        except NotSold as refused:
            # A price row of the file that no longer sells what the contract has.
            raise CommandError(
                _problems(BadFile([Problem("prices", refused.code, refused.message)]), json), returncode=2
            ) from None
        # Everything is reckoned before the first word is written: nothing is ever half printed.
        self.stdout.write(_as_json(found) if json else "\n".join(_as_text(found)))


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # A character is at most four bytes; one byte more tells that the file is too long.
            return file.read(4 * LONGEST + 1)
    except OSError:
        raise BadFile([Problem(str(path), "unreadable", "파일을 열 수 없어요.")]) from None


def _problems(bad: BadFile, as_json: bool) -> str:
    if as_json:
        found = [
            {"place": problem.place, "code": problem.code, "message": problem.message}
            for problem in bad.problems
        ]
        return json.dumps({"problems": found}, ensure_ascii=False, indent=1)
    return f"고칠 곳이 {len(bad.problems)}군데 있어요.\n{bad}"


def _as_text(found: Replay) -> Iterator[str]:
    for month in found.months:
        yield f"{month.first.year}년 {month.first.month}월{_so_far(month, found.on)}"
        for row in month.rows:
            yield f"  {row.label}  {format_won(row.amount_krw)}"
            yield f"    {row.sentence}"
        if not month.rows:
            yield "  내실 금액이 없어요."
        parts = month.parts
        yield (
            f"  합계 {format_won(parts.total_krw)} (공급가액 {format_won(parts.supply_krw)}, 부가세 {format_won(parts.vat_krw)})"
            f" · 지금까지 {format_won(month.so_far_krw)}"
        )
        yield ""
    day = f"{found.on.year}년 {found.on.month}월 {found.on.day}일"
    if found.leaving_krw is None:
        yield found.leaving_sentence
    else:
        yield f"{day}까지 쓰고 해지하면 할인반환금 {format_won(found.leaving_krw)}"
        yield f"  {found.leaving_sentence}"


def _so_far(month: Month, on: date) -> str:
    return f" ({on.day}일까지)" if month.until == on and month.until != month.end else ""


def _as_json(found: Replay) -> str:
    return json.dumps(
        {
            "on": found.on.isoformat(),
            "months": [
                {
                    "month": f"{month.first:%Y-%m}",
                    "until": month.until.isoformat(),
                    "lines": [_row(row) for row in month.rows],
                    **_parts(month),
                    "so_far_krw": month.so_far_krw,
                }
                for month in found.months
            ],
            "leaving": {"krw": found.leaving_krw, "sentence": found.leaving_sentence},
        },
        ensure_ascii=False,
        indent=1,
    )


def _row(row: Row) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "first": row.first.isoformat(),
        "last": row.last.isoformat(),
        "label": row.label,
        "sentence": row.sentence,
        **_parts(row),
    }


def _parts(of: Row | Month) -> dict[str, int]:
    return {"amount_krw": of.parts.total_krw, "supply_krw": of.parts.supply_krw, "vat_krw": of.parts.vat_krw}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("2026-11-22처럼 적어 주세요.") from None
