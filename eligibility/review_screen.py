"""What an owner says yes to: the message as callers get it, and the contract that comes with it (rules.md §2, §3).

A `Screen` is made anew each time somebody looks, and its `seal` stands for all of it: an answer that carries the seal of
another screen is not an answer to this one.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from billing import catalogue, leaving, price_list
from billing.enums import Bundle
from eligibility import drafting, form
from eligibility.models import Application
from messaging import promos
from messaging.compose import Composed
from messaging.editor.fields import DraftFields, too_long
from shopmsg.accounts.enums import Product
from shopmsg.core.clock import kst_day

#: What leaving costs is told for these many months, and for the month in which it costs most.
_TOLD_MONTHS: Final = (6, 12, 18, 24, 30)


@dataclass(frozen=True, slots=True)
class Terms:
    """The contract (청약 내용): won a month, VAT included. `leaving` is (whole months, won to pay back) for every month
    of the commitment, () without one. `pack` names the parts of a 사장님성공팩."""

    product: Product
    term_months: int
    bundle: Bundle
    pack: tuple[str, ...]
    list_krw: int
    discount_krw: int
    monthly_krw: int
    first_month_free: bool
    line_number: str
    leaving: tuple[tuple[int, int], ...]

    @property
    def most(self) -> tuple[int, int]:
        """(months, won) when leaving costs most; (0, 0) without a commitment."""
        return max(self.leaving, key=lambda each: each[1], default=(0, 0))

    @property
    def told(self) -> tuple[tuple[int, int], ...]:
        """What leaving costs today, at the usual marks and when it costs most; () without a commitment."""
        if not self.leaving:
            return ()
        months = {month for month in _TOLD_MONTHS if month < self.term_months} | {self.most[0]}
        return ((0, 0), *(each for each in self.leaving if each[0] in months))

    @property
    def is_advertising(self) -> bool:
        """소상공인형: with the ringback notice before every call (rules.md §2)."""
        return self.product == Product.SOHO

    def to_json(self) -> dict[str, Any]:
        """As it is kept with a confirmation; equal terms give equal JSON."""
        return {
            "product": self.product.value,
            "term_months": self.term_months,
            "bundle": self.bundle.value,
            "pack": list(self.pack),
            "list_krw": self.list_krw,
            "monthly_krw": self.monthly_krw,
            "first_month_free": self.first_month_free,
            "line_number": self.line_number,
            "leaving": [list(each) for each in self.leaving],
        }


@dataclass(frozen=True, slots=True)
class Screen:
    """One look at an application's draft and contract. `terms` is None for a contract that is not sold; `trouble` is why
    this cannot be confirmed as it is, a sentence for the owner, "" when it can. `picture_seal` changes with the picture
    alone."""

    application: Application
    fields: DraftFields
    composed: Composed
    terms: Terms | None
    trouble: str
    seal: str
    picture_seal: str


def screen_of(application: Application, now: datetime) -> Screen:
    """What the owner is shown at this moment; inside a transaction it also holds the draft until the end."""
    fields = drafting.current_fields(application, now)
    composed = drafting.composed_of(application, fields)
    terms = terms_of(application, kst_day(now))
    shop = drafting.shop_of(application)
    facts = [shop.name, shop.ksic, application.line_number]
    message = {
        "text": composed.text,
        "subject": composed.subject,
        "channel": composed.channel,
        "fields": fields.to_json(),
        "terms": terms.to_json() if terms else None,
        "shop": facts,
    }
    starts_on, ends_on = fields.period
    drawn = [fields.picture, fields.kind, fields.headline, dict(fields.details), str(starts_on), str(ends_on)]
    return Screen(
        application=application,
        fields=fields,
        composed=composed,
        terms=terms,
        trouble=_trouble(application, fields, composed, terms, kst_day(now)),
        seal=_digest(message),
        picture_seal=_digest([*drawn, *facts])[:16],
    )


def terms_of(application: Application, today: date) -> Terms | None:
    """The contract the form asks for at today's prices; None when the catalogue does not sell it."""
    values = form.read(application.form).values
    prices = price_list.catalogue()
    try:
        quote = prices.quote(values.product, values.term_months, values.bundle, today)
    except catalogue.NotSold:
        return None
    pack: tuple[str, ...] = ()
    if quote.bundle == Bundle.SUCCESS_PACK:
        named = [catalogue.PACK_INTERNET.get(values.pack_internet, "")]
        named += [catalogue.PACK_PARTS[part] for part in values.pack_parts]
        pack = tuple(name for name in named if name)
    return Terms(
        product=quote.product,
        term_months=quote.term_months,
        bundle=quote.bundle,
        pack=pack,
        list_krw=quote.list_krw,
        discount_krw=quote.discount_krw,
        monthly_krw=quote.monthly_krw,
        first_month_free=quote.first_month_free,
        line_number=application.line_number,
        leaving=tuple((each.month, each.won) for each in leaving.schedule(prices, quote.term_months, today)),
    )


def _trouble(
    application: Application, fields: DraftFields, composed: Composed, terms: Terms | None, today: date
) -> str:
    if terms is None or not form.read(application.form).complete:
        return "지금 신청 내용을 고치고 있어요. 다 되면 여기서 확정할 수 있어요."
    ends_on = fields.period[1]
    written = fields.headline.strip() and fields.body.strip() and not too_long(fields)
    lasting = ends_on is None or ends_on >= max(today, fields.period[0] or today)
    if not (written and lasting and promos.check(fields.content(), composed).clear):
        return "지금 문자를 고치고 있어요. 다 되면 여기서 확정할 수 있어요."
    return ""


def _digest(data: object) -> str:
    body = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
