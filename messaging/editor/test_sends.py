"""내 폰으로 보내보기: the draft as a real message, to the member who asks and to nobody else.

It is no promo of a call: no quota, no guard, no numbers, any hour, also while sending is off. The law's lines stay.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from messaging import optouts, promos
from messaging.compose import RULES_VERSION, Composed, compose
from messaging.editor.fields import DraftFields
from messaging.editor.pictures import picture_for
from messaging.enums import MessageKind, MessageState, Priority
from messaging.links import message_link, new_token
from messaging.models import Message, Picture
from messaging.rulebook import UNSENT_FOR
from shopmsg.accounts.enums import ShopStatus
from shopmsg.accounts.models import Membership, Shop, User
from shopmsg.accounts.sealing import keyring
from shopmsg.core.clock import day_start, kst_day
from shopmsg.core.errors import ShopmsgError

#: A person may send themselves so many in a shop on a KST day.
A_DAY: Final = 10


class TestRefused(ShopmsgError):
    """Nothing was sent. Codes: "not_member", "shop_inactive", "no_sender", "opted_out", "all_used", "unfit"."""


def send_to_self(shop: Shop, fields: DraftFields, *, user: User, now: datetime) -> Message:
    """Queue the draft as a message to this member's own phone. Belongs to a caller that wakes the sending on commit.

    Raises TestRefused, with what is missing.
    """
    if shop.status != ShopStatus.ACTIVE:
        raise TestRefused("shop_inactive", "지금은 문자를 보낼 수 없는 가게예요. 1877-3592로 전화해 주세요.")
    line = shop.lines.filter(sender_accepted_at__isnull=False).order_by("pk").first()
    if line is None:
        raise TestRefused(
            "no_sender", "발신번호 등록이 끝나면 보내볼 수 있어요. 궁금하시면 1877-3592로 전화해 주세요."
        )
    # Drawn before anything is locked: it takes a tenth of a second.
    picture = picture_for(shop, fields)
    token = new_token()
    composed = _composed(shop, fields, picture, line.number, token)
    with transaction.atomic():
        _lock_member(shop, user)
        if optouts.is_opted_out(shop.pk, *keyring().indexes(user.mobile)):
            raise TestRefused(
                "opted_out",
                "이 휴대폰은 이 가게 문자를 수신거부했어요. 받은 문자의 링크에서 ‘다시 받기’를 누르면 보내볼 수 있어요.",
            )
        if not left_today(shop, user, now):
            raise TestRefused("all_used", "오늘은 10번을 모두 보냈어요. 내일 다시 보낼 수 있어요.")
        return Message.objects.create(
            created_at=now,
            shop=shop,
            kind=MessageKind.TEST,
            priority=Priority.INFO,  # somebody looks at the phone and waits
            channel=composed.channel,
            state=MessageState.QUEUED,
            day=kst_day(now),
            sender=line.number,
            recipient_sealed=keyring().seal(user.mobile),
            recipient_index=keyring().index(user.mobile),
            subject=composed.subject,
            text=composed.text,
            picture=picture,
            token=token,
            permit={"rules": RULES_VERSION, "basis": "본인 시험", "notice_since": None},
            release_at=now,
            expires_at=now + UNSENT_FOR,
        )


def left_today(shop: Shop, user: User, now: datetime) -> int:
    """How many more this person may send themselves in this shop on this KST day."""
    start = day_start(kst_day(now))
    sent = Message.objects.filter(
        created_at__gte=start,
        created_at__lt=start + timedelta(days=1),
        shop=shop,
        kind=MessageKind.TEST,
        call_id__isnull=True,
        recipient_index__in=keyring().indexes(user.mobile),
    ).count()
    return max(0, A_DAY - sent)


def _composed(shop: Shop, fields: DraftFields, picture: Picture | None, line: str, token: str) -> Composed:
    content, sender = fields.content(pictured=picture is not None), promos.sender_of(shop, line)
    finding = promos.check(content, promos.preview(content, sender))
    if not content.headline.strip() and not content.body.strip():
        raise TestRefused("unfit", "아직 비어 있어요. 한 줄이라도 적고 보내 보세요.")
    if finding.unsendable or finding.from_shop:
        shown = " ".join(problem.char for problem in (*finding.unsendable, *finding.from_shop)[:5])
        raise TestRefused("unfit", f"문자로 보낼 수 없는 글자가 있어요: {shown} 다른 글자로 바꿔 주세요.")
    if finding.bytes_over:
        raise TestRefused(
            "unfit", f"내용이 길어요. 한글로 {finding.syllables_over:,}자쯤 줄이면 보낼 수 있어요."
        )
    return compose(content, sender, message_link(token))


def _lock_member(shop: Shop, user: User) -> None:
    """One at a time a person and shop, so that the tenth is the last."""
    if Membership.objects.select_for_update(no_key=True).filter(shop=shop, user=user).first() is None:
        raise TestRefused("not_member", "이 가게 사람만 보내볼 수 있어요.")
