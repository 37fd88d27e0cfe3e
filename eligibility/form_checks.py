"""What only the database knows about a form: customers already, numbers taken, colleagues at the same form."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from billing import subscriptions
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
    # After its receipt a shop may get a sister; only a number that was changed since is a question again.
    asked = application.shop is None or application.state == ApplicationState.FORM
    changed = not asked and _merchants_number(application) != values.business_number
    if shops and not values.second_shop and (asked or changed):
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
        elif _left_today(application, values.line_number):
            yield "line_number", "오늘 해지한 가게의 번호입니다. 내일부터 쓸 수 있습니다."


def _merchants_number(application: Application) -> str:
    return application.shop.merchant.business_number if application.shop is not None else ""


def _left_today(application: Application, number: str) -> bool:
    """Whether a shop had this line that left today, and may take that back until midnight."""
    left = Line.objects.filter(number=number, shop__status=ShopStatus.CLOSED)
    line = left.exclude(shop_id=application.shop_id or 0).select_related("shop").first()
    return line is not None and subscriptions.ended_today(line.shop, timezone.now())
