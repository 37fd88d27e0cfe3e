"""통장 입금: deposits of bank statements become payments, once each (issue 5).

A line is stored before it is anybody's (rows are the queue); what is sure is paid at once, each line in a transaction of its own,
the rest waits for a person. Locks go in one order: line, account, shop.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import IO, Final

from django.db import connection, transaction
from django.db.models import QuerySet

from billing import bank_facts, bank_read, dunning, ledger
from billing.bank_match import Book, Match, sentence
from billing.bank_read import Deposit, Statement
from billing.enums import PayMethod
from billing.models import Account, BankImport, BankLine, BankLineState, LedgerEntry
from shopmsg.accounts import audit
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import kst_day
from shopmsg.core.errors import ShopmsgError

#: Lines settled at one go.
_CHUNK: Final = 500
_NAME_LENGTH: Final = 120
_WHY_LENGTH: Final = 120
_REASON_LENGTH: Final = 100
#: Any constant will do: whoever holds it is the only one adding lines.
_IMPORT_LOCK: Final = 5_348_415_561
_LABEL: Final = "계좌 이체"


class BankRefused(ShopmsgError):
    """What cannot be done with a line. Codes: "decided", "open", "no_account", "reason"."""


@dataclass(frozen=True, slots=True)
class Settled:
    """How many lines became payments, and how many have not been looked at yet."""

    matched: int
    waiting: int


def take_in(
    name: str, file: IO[bytes], size: int, *, by: User, address: str | None, now: datetime
) -> BankImport:
    """Store a statement's deposits that are not known yet; `settle` finds whose they are. Raises bank_read.FileRefused."""
    found = bank_read.file_rows(file, size)
    statement = bank_read.read(found, now)
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any binary file will do
    with transaction.atomic():
        # One at a time, so that two people with the same file add each line once.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORT_LOCK])
        imported = BankImport.objects.create(
            name=name[:_NAME_LENGTH],
            sha256=digest,
            rows=statement.rows,
            withdrawals=statement.withdrawals,
            problems=[asdict(problem) for problem in statement.problems],
            by=by,
            created_at=now,
        )
        lines = _new_lines(imported, statement)
        BankLine.objects.bulk_create(lines, batch_size=1_000)
        imported.added = len(lines)
        imported.repeated = len(statement.deposits) - len(lines)
        imported.save(update_fields=["added", "repeated"])
        audit.record(
            "bank.imported",
            actor=by,
            subject=f"bank_import:{imported.pk}",
            detail={
                "rows": imported.rows,
                "added": imported.added,
                "repeated": imported.repeated,
                "unreadable": len(imported.problems),
            },
            address=address,
        )
    return imported


def settle(now: datetime, most: int | None = None) -> Settled:
    """Find whose the lines are that nobody has looked at yet, at most so many, and pay what is sure. Harmless when repeated,
    and by two at once."""
    matched = done = 0
    while most is None or done < most:
        size = _CHUNK if most is None else min(_CHUNK, most - done)
        lines = list(_to_look_at().select_related("imported__by").order_by("pk")[:size])
        if not lines:
            break
        book = Book(bank_facts.surely(lines))
        for line in lines:
            found = book.match(line.amount_krw, line.sender, line.memo)
            matched += _settle(line, found, now)
        done += len(lines)
    return Settled(matched, _to_look_at().count())


def look_again() -> int:
    """Let `settle` look at every open line once more that no person has decided about; returns how many."""
    return BankLine.objects.filter(state=BankLineState.OPEN, decided_at__isnull=True).update(why="")


def assign(
    line_id: int, shop: Shop, *, reason: str, by: User, address: str | None, now: datetime
) -> LedgerEntry:
    """가게에 넣기: an open line becomes a payment of the shop. Raises BankRefused."""
    reason = _reason(reason)
    with transaction.atomic():
        line = _locked(line_id)
        if line.state != BankLineState.OPEN:
            raise BankRefused("decided", f"이미 처리한 입금: {line.get_state_display()}")
        try:
            account = ledger.locked(shop.pk)
        except Account.DoesNotExist:
            raise BankRefused("no_account", "요금제가 없던 가게라 돈을 넣을 수 없음") from None
        line.decided_by, line.decided_at = by, now
        entry = _pay(line, account, reason, by=by, now=now)
        audit.record(
            "bank.assigned",
            actor=by,
            shop=shop,
            subject=f"bank_line:{line.pk}",
            reason=reason,
            detail={"won": line.amount_krw},
            address=address,
        )
    return entry


def set_aside(line_id: int, *, reason: str, by: User, address: str | None, now: datetime) -> None:
    """우리 것이 아님: an open line that is nobody's payment. Raises BankRefused."""
    reason = _reason(reason)
    with transaction.atomic():
        line = _locked(line_id)
        if line.state != BankLineState.OPEN:
            raise BankRefused("decided", f"이미 처리한 입금: {line.get_state_display()}")
        _decide(line, BankLineState.SET_ASIDE, reason, by, now)
        audit.record(
            "bank.set_aside",
            actor=by,
            subject=f"bank_line:{line.pk}",
            reason=reason,
            detail={"won": line.amount_krw},
            address=address,
        )


def undo(line_id: int, *, reason: str, by: User, address: str | None, now: datetime) -> None:
    """되돌리기: a line that went to the wrong shop, or that was set aside, is open again. The ledger keeps the payment and gets
    its way back beside it. Raises BankRefused."""
    reason = _reason(reason)
    with transaction.atomic():
        line = _locked(line_id)
        if line.state == BankLineState.OPEN:
            raise BankRefused("open", "아직 처리하지 않은 입금")
        shop, entry = line.shop, line.entry
        if entry is not None:
            account = ledger.locked(entry.shop_id)
            ledger.pay_back(
                account,
                line.amount_krw,
                key=f"bank_back:{line.key}:{entry.pk}",
                method=PayMethod.TRANSFER,
                paid_on=kst_day(now),
                label="계좌 이체 바로잡음",
                sentence="다른 가게가 보낸 돈이 잘못 들어와서 뺐어요.",
                by=by,
                now=now,
                detail={"of": entry.pk, "bank_line": line.pk},
            )
        line.shop = line.entry = None
        _decide(line, BankLineState.OPEN, f"되돌림: {reason}", by, now)
        audit.record(
            "bank.undone",
            actor=by,
            shop=shop,
            subject=f"bank_line:{line.pk}",
            reason=reason,
            detail={"won": line.amount_krw},
            address=address,
        )


def _to_look_at() -> QuerySet[BankLine]:
    return BankLine.objects.filter(state=BankLineState.OPEN, decided_at__isnull=True, why="")


def _new_lines(imported: BankImport, statement: Statement) -> list[BankLine]:
    """The deposits no file has brought yet. A deposit is known when a line says the same of it and not another balance."""
    deposits = statement.deposits
    if not deposits:
        return []
    known: dict[tuple[datetime, int, str], list[int | None]] = {}
    between = (min(each.at for each in deposits), max(each.at for each in deposits))
    for at, amount, sender, balance in BankLine.objects.filter(at__range=between).values_list(
        "at", "amount_krw", "sender", "balance_krw"
    ):
        known.setdefault((at, amount, sender), []).append(balance)
    groups: dict[tuple[datetime, int, str], list[Deposit]] = {}
    for deposit in deposits:
        groups.setdefault(deposit.same, []).append(deposit)
    made = [
        _line(imported, deposit, serial)
        for same, group in groups.items()
        for deposit, serial in _unknown(group, known.get(same, []))
    ]
    return sorted(made, key=lambda line: line.at)


def _unknown(group: Sequence[Deposit], known: Sequence[int | None]) -> list[tuple[Deposit, int]]:
    """Of deposits a file says the same of, those that are new beside lines with these balances; each with its serial."""
    balances = set(known) - {None}
    free = without = known.count(None)
    new: list[tuple[Deposit, int]] = []
    repeated = 0
    for deposit in group:
        if deposit.balance_krw is None:
            continue
        if deposit.balance_krw in balances:
            repeated += 1
        elif free:
            # Known from a file that said no balance.
            free -= 1
        else:
            balances.add(deposit.balance_krw)
            new.append((deposit, 0))
    free += max(0, len(known) - known.count(None) - repeated)
    for deposit in group:
        if deposit.balance_krw is not None:
            continue
        if free:
            free -= 1
        else:
            without += 1
            new.append((deposit, without))
    return new


def _line(imported: BankImport, deposit: Deposit, serial: int) -> BankLine:
    return BankLine(
        imported=imported,
        key=deposit.key(serial),
        at=deposit.at,
        amount_krw=deposit.amount_krw,
        sender=deposit.sender,
        memo=deposit.memo,
        balance_krw=deposit.balance_krw,
    )


def _settle(line: BankLine, found: Match, now: datetime) -> bool:
    """Pay one line if it is still open and what made it sure still holds; returns whether it was paid."""
    with transaction.atomic():
        locked = _locked(line.pk)
        if locked.state != BankLineState.OPEN or locked.why or locked.decided_at is not None:
            return False
        if found.shop_id is not None:
            account = ledger.locked(found.shop_id)
            # Another deposit may have been taken in since the facts were read.
            facts = replace(bank_facts.of_shop(account), owed_krw=account.balance_krw)
            found = Book([facts]).match(line.amount_krw, line.sender, line.memo)
            if found.shop_id is not None:
                _pay(locked, account, found.why, by=line.imported.by, now=now)
                return True
        locked.why = found.why[:_WHY_LENGTH]
        locked.save(update_fields=["why"])
    return False


def _pay(line: BankLine, account: Account, why: str, *, by: User, now: datetime) -> LedgerEntry:
    """`line` and `account` are locked."""
    attempts = LedgerEntry.objects.filter(key__startswith=f"bank:{line.key}").count()
    entry = ledger.pay(
        account,
        line.amount_krw,
        key=f"bank:{line.key}" + (f":{attempts + 1}" if attempts else ""),
        method=PayMethod.TRANSFER,
        paid_on=kst_day(line.at),
        label=_LABEL,
        sentence=sentence(line.amount_krw, account.balance_krw),
        by=by,
        now=now,
        detail={"bank_line": line.pk},
    )
    if entry is None:
        raise RuntimeError("the key of a locked line's next attempt is new")
    line.shop_id, line.entry = account.shop_id, entry
    line.state, line.why = BankLineState.MATCHED, why[:_WHY_LENGTH]
    line.save(update_fields=["shop", "entry", "state", "why", "decided_by", "decided_at"])
    dunning.after_payment(account, now)
    return entry


def _decide(line: BankLine, state: BankLineState, why: str, by: User, now: datetime) -> None:
    line.state, line.why = state, why[:_WHY_LENGTH]
    line.decided_by, line.decided_at = by, now
    line.save(update_fields=["shop", "entry", "state", "why", "decided_by", "decided_at"])


def _locked(line_id: int) -> BankLine:
    return BankLine.objects.select_for_update(no_key=True).get(pk=line_id)


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())[:_REASON_LENGTH]
    if not reason:
        raise BankRefused("reason", "까닭을 적어야 함")
    return reason
