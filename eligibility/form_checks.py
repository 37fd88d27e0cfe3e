"""What only the database knows about a form: customers already, numbers taken, colleagues at the same form."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from eligibility.enums import ApplicationState
from eligibility.form import Values
from eligibility.models import Application, ApplicationChange
from shopmsg.accounts.enums import Role, ShopStatus
from shopmsg.accounts.models import Line, Shop, User

#: Somebody whose last change is no older than this counts as being at the form now.
_AT_IT: Final = timedelta(minutes=2)


def problems(application: Application, values: Values) -> dict[str, str]:
    """A sentence for each field whose value cannot be had."""
    return dict(_problems(application, values))


def shops_of_business(application: Application, number: str) -> Sequence[Shop]:
    """The shops this business number has already, other than the application's own."""
    if not number:
        return ()
    known = Shop.objects.filter(merchant__business_number=number).exclude(status=ShopStatus.CLOSED)
    return tuple(known.exclude(pk=application.shop_id or 0).order_by("pk"))


def begun_elsewhere(application: Application, number: str) -> Application | None:
    """Another application of the same business that has not ended: perhaps a colleague is at it."""
    if not number:
        return None
    others = Application.objects.filter(business_number=number, ended_at__isnull=True, active_at__isnull=True)
    return others.exclude(pk=application.pk).select_related("created_by").order_by("-pk").first()


def colleague_at(application: Application, *, visit: str, now: datetime) -> User | None:
    """Who else changed this form in the last two minutes."""
    newest = (
        ApplicationChange.objects.filter(application=application, at__gte=now - _AT_IT)
        .exclude(visit=visit)
        .select_related("by")
        .order_by("-pk")
        .first()
    )
    return newest.by if newest else None


def _problems(application: Application, values: Values) -> Iterator[tuple[str, str]]:
    shops = shops_of_business(application, values.business_number)
    if shops and not values.second_shop and application.state == ApplicationState.FORM:
        where = f"({shops[0].address})" if shops[0].address else ""
        more = f" 외 {len(shops) - 1}곳" if len(shops) > 1 else ""
        yield (
            "business_number",
            f"이미 고객입니다: {shops[0].name}{where}{more}. 새 가게를 더하는 것이면 ‘두 번째 가게’를 골라 주세요.",
        )
    if values.owner_mobile:
        person = User.objects.filter(mobile=values.owner_mobile).first()
        if person is not None and person.role != Role.OWNER:
            yield "owner_mobile", "우리 직원의 번호입니다. 사장님 휴대폰 번호를 적어 주세요."
        elif person is not None and not person.is_active:
            yield "owner_mobile", "사용이 멈춘 번호입니다. 관리자에게 물어 주세요."
    if values.line_number:
        # A number goes over from a shop that has closed (drafting.claim_line).
        taken = Line.objects.filter(number=values.line_number).exclude(shop__status=ShopStatus.CLOSED)
        line = taken.exclude(shop_id=application.shop_id or 0).select_related("shop").first()
        if line is not None:
            yield "line_number", f"‘{line.shop.name}’에서 쓰는 번호입니다. 번호를 다시 확인해 주세요."
