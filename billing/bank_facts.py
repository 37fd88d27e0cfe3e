"""Which shops a deposit may belong to, asked of the database for many deposits at once."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Length, Lower, StrIndex

from billing.bank_match import Candidate, Facts, candidates, codes_in, texts_of
from billing.models import Account, BankLine
from shopmsg.accounts.enums import MemberRole
from shopmsg.accounts.models import Membership, Shop

#: Shops looked at closer for one page of lines, and found by one search.
_MOST_LOOKED_AT: Final = 300
_MOST_FOUND: Final = 10
_FEWEST_DIGITS: Final = 3
_SHORTEST_PREFIX: Final = 4


def surely(lines: Iterable[BankLine]) -> list[Facts]:
    """Every shop one of the lines may surely belong to: by deposit code, or owing exactly that amount."""
    codes: set[str] = set()
    amounts: set[int] = set()
    for line in lines:
        codes.update(codes_in(line.sender, line.memo))
        amounts.add(line.amount_krw)
    return _facts(Account.objects.filter(Q(deposit_code__in=codes) | Q(balance_krw__in=amounts)))


def of_shop(account: Account) -> Facts:
    """One shop's facts, with the balance of the account given."""
    (facts,) = _facts(Account.objects.filter(pk=account.pk))
    return facts


def candidates_of(lines: Sequence[BankLine]) -> dict[int, list[Candidate]]:
    """The likeliest shops of each line, by its id."""
    facts = _facts(_speaking(lines)[:_MOST_LOOKED_AT])
    return {line.pk: candidates(line.amount_krw, line.sender, line.memo, facts) for line in lines}


def found_for(words: str) -> list[Facts]:
    """Shops with an account that a person looks for by name, business number or deposit code; at most ten."""
    named = (
        Q(shop__name__icontains=words)
        | Q(shop__merchant__name__icontains=words)
        | Q(tax_representative__icontains=words)
        | Q(shop__memberships__role=MemberRole.OWNER, shop__memberships__user__name__icontains=words)
    )
    digits = words.replace("-", "").replace(" ", "")
    if digits.isascii() and digits.isdigit() and len(digits) >= _FEWEST_DIGITS:
        named |= Q(shop__merchant__business_number__contains=digits) | Q(deposit_code=digits)
    return _facts(Account.objects.filter(named).distinct().order_by("shop__name", "pk")[:_MOST_FOUND])


def _speaking(lines: Sequence[BankLine]) -> QuerySet[Account]:
    """Accounts with a code, or a name, in one of the lines."""
    codes = {code for line in lines for code in codes_in(line.sender, line.memo)}
    texts = {text for line in lines for text in texts_of(line.sender, line.memo)}
    said = Value("\n".join(sorted(texts)), output_field=CharField())
    wanted = Q(deposit_code__in=codes)
    for name in ("shop_plain", "merchant_plain", "person_plain"):
        wanted |= Q(**{f"{name}_length__gte": 2, f"{name}_at__gt": 0})
    for text in texts:
        if len(text) >= _SHORTEST_PREFIX:
            wanted |= Q(shop_plain__startswith=text) | Q(merchant_plain__startswith=text)
    owners = Membership.objects.filter(
        role=MemberRole.OWNER, user__name__in=_persons(texts), shop__account__isnull=False
    )
    wanted |= Q(shop__in=owners.values("shop"))
    annotated = Account.objects.annotate(
        shop_plain=_plain("shop__name"),
        merchant_plain=_plain("shop__merchant__name"),
        person_plain=_plain("tax_representative"),
    )
    for name in ("shop_plain", "merchant_plain", "person_plain"):
        annotated = annotated.annotate(
            **{f"{name}_length": Length(F(name)), f"{name}_at": StrIndex(said, F(name))}
        )
    return annotated.filter(wanted).order_by("-balance_krw", "pk")


def _persons(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if 2 <= len(text) <= 5]


def _plain(field: str) -> Func:
    """A name about as `shopmsg.core.words.plain` compares it, without 주식회사."""
    return Func(
        Lower(F(field)),
        Value(r"\(주\)|㈜|주식회사|\(유\)|유한회사|[[:space:][:punct:]]"),
        Value(""),
        Value("g"),
        function="REGEXP_REPLACE",
        output_field=CharField(),
    )


def _facts(accounts: QuerySet[Account]) -> list[Facts]:
    rows = list(
        accounts.values(
            "shop_id",
            "shop__name",
            "shop__merchant__name",
            "deposit_code",
            "balance_krw",
            "tax_name",
            "tax_representative",
        )
    )
    owners: dict[int, list[str]] = {}
    for shop_id, name in Membership.objects.filter(
        shop__in=[row["shop_id"] for row in rows], role=MemberRole.OWNER
    ).values_list("shop_id", "user__name"):
        owners.setdefault(shop_id, []).append(name)
    return [
        Facts(
            shop_id=row["shop_id"],
            name=row["shop__name"],
            code=row["deposit_code"],
            owed_krw=row["balance_krw"],
            business=(row["shop__name"], row["shop__merchant__name"], row["tax_name"]),
            people=(row["tax_representative"], *owners.get(row["shop_id"], [])),
        )
        for row in rows
    ]


def shops_by_id(ids: Iterable[int]) -> dict[int, Shop]:
    """Shops by their id."""
    return {shop.pk: shop for shop in Shop.objects.filter(pk__in=list(ids))}
