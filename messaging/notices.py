"""Informational texts: what other apps asked for becomes messages, with words kept here (design.md §3).

No ad mark, no advertising, not counted against any cap; login codes go first.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, When

from messaging.compose import compose_notice
from messaging.decide import ad_window
from messaging.enums import MessageKind, MessageState, Priority
from messaging.links import new_token
from messaging.models import Message
from shopmsg.accounts.enums import NoticeKind
from shopmsg.accounts.models import Notice
from shopmsg.accounts.sealing import keyring
from shopmsg.core.clock import kst_day
from shopmsg.core.crypto import CryptoError

log = logging.getLogger(__name__)

BATCH = 500

#: The words of each kind; fields in braces come from whoever asked. HELP is the number of a person.
TEXTS: Mapping[NoticeKind, str] = {
    NoticeKind.LOGIN_CODE: "[우리가게 문자] 인증번호 {code}\n3분 안에 넣어 주세요. 남에게 알려 주지 마세요.",
    NoticeKind.OPTOUT_RESULT: (
        "[{shop}] {date} 수신거부를 받았어요. 이제 이 가게의 홍보문자는 가지 않아요. 문의 {help}"
    ),
    NoticeKind.RESUBSCRIBE_RESULT: (
        "[{shop}] {date} 다시 받기를 받았어요. 전화를 주시면 홍보문자가 다시 가요. 문의 {help}"
    ),
    NoticeKind.SENDING_STOPPED: "[우리가게 문자] {shop} 문자 발송이 멈췄어요. {reason} 도움이 필요하시면 전화해 주세요. 문의 {help}",
    NoticeKind.PROMO_ENDING: (
        "[우리가게 문자] {shop}의 홍보 기간이 {ends} 끝나요. 끝난 뒤에는 평소 문자가 나가요. 바꾸기 {link}"
    ),
    NoticeKind.PUBLICATION_REFUSED: (
        "[우리가게 문자] {shop}의 새 홍보문자를 내보내지 못했어요. {reason} 고치기 {link}"
    ),
    NoticeKind.QUOTA_NEAR: (
        "[우리가게 문자] {shop}에서 오늘 {cap}건 가운데 {used}건을 보냈어요. 다 쓰면 내일 다시 보내요."
    ),
    NoticeKind.NUMBER_CHANGED: (
        "[우리가게 문자] 로그인 휴대폰 번호가 바뀌었어요. 본인이 바꾸지 않았다면 바로 전화해 주세요. 문의 {help}"
    ),
    NoticeKind.LOGIN_LINK: (
        "[우리가게 문자] {shop} 홍보문자를 만들어 두었어요. 보고 고르기만 하시면 돼요.\n{link}\n문의 {help}"
    ),
    NoticeKind.MEMBER_ADDED: (
        "[우리가게 문자] {by} 님이 {shop} 문자를 함께 보도록 초대했어요. 이 휴대폰 번호로 로그인하세요.\n{link}\n문의 {help}"
    ),
    NoticeKind.DRAFT_REVIEW: (
        "[우리가게 문자] {shop} 홍보문자 시안이에요. 보시고 ‘확정’이나 ‘고칠 곳’을 눌러 주세요.\n{link}\n문의 {help}"
    ),
    NoticeKind.APPLICATION_RECEIVED: (
        "[우리가게 문자] {shop} 신청을 받았어요. 홍보문자 시안을 만들어 문자로 보내 드릴게요. 문의 {help}"
    ),
    NoticeKind.WELCOME: (
        "[우리가게 문자] {shop} 개통됐어요. {line}로 걸려 온 전화가 끝나면 홍보문자가 나가요.\n요금 {price}\n고치기 {link}\n문의 {help}"
    ),
    NoticeKind.OWNER_CHANGED: (
        "[우리가게 문자] {shop} 사장님 계정이 바뀌었어요. 요청하지 않았다면 바로 전화해 주세요. 문의 {help}"
    ),
    NoticeKind.SHOP_CLOSED: "[우리가게 문자] {shop} 해지가 끝났어요. 이제 홍보문자가 나가지 않아요. 문의 {help}",
    NoticeKind.FREE_MONTH_ENDING: (
        "[우리가게 문자] {shop} 무료 기간이 {date} 끝나요. 다음 날부터 한 달 {price}이에요.\n요금 보기·해지 {link}"
    ),
    NoticeKind.PRICE_CHANGING: (
        "[우리가게 문자] {shop} 요금이 {date}부터 한 달 {before}에서 {after}으로 바뀌어요.\n요금 보기·해지 {link}"
    ),
    NoticeKind.COMMITMENT_ENDING: (
        "[우리가게 문자] {shop} 약정이 {date} 끝나요. 다음 날부터 한 달 {price}이고, 언제 그만두셔도 더 내실 돈이 없어요.\n"
        "다시 약정하기 {link}"
    ),
    NoticeKind.INVOICE_READY: (
        "[우리가게 문자] {shop} {month} 청구서가 나왔어요. {amount}, {due}까지예요.\n{link}\n문의 {help}"
    ),
    NoticeKind.PAYMENT_FAILED: (
        "[우리가게 문자] {shop} 요금 {amount}을 받지 못했어요. {reason}\n결제하기 {link}\n문의 {help}"
    ),
    NoticeKind.UNPAID: (
        "[우리가게 문자] {shop} 요금 {amount}이 {days}일 밀렸어요. {stop}\n내기 {link}\n문의 {help}"
    ),
    NoticeKind.STOPPED_UNPAID: (
        "[우리가게 문자] {shop} 요금 {amount}이 밀려서 문자 발송을 멈췄어요. 홈페이지는 그대로예요. 내시면 바로 다시 나가요.\n"
        "내기 {link}\n문의 {help}"
    ),
    NoticeKind.RESUMED_PAID: "[우리가게 문자] {shop} 요금을 받았어요. 문자가 다시 나가요. 고맙습니다. 문의 {help}",
    NoticeKind.CHANGE_OFFERED: (
        "[우리가게 문자] {shop} {what} 바뀌는 금액을 보시고 ‘바꾸기’를 눌러 주세요. 누르지 않으시면 그대로예요.\n{link}\n문의 {help}"
    ),
    NoticeKind.PLAN_CHANGED: "[우리가게 문자] {shop} {what}\n요금 보기 {link}\n문의 {help}",
    NoticeKind.CANCEL_BOOKED: (
        "[우리가게 문자] {shop} 해지를 예약하셨어요. {date}까지 쓰시고, {amount}\n되돌리기 {link}\n문의 {help}"
    ),
    NoticeKind.REFERRAL_REWARDED: (
        "[우리가게 문자] {shop} 추천 덕분에 한 달 요금 {amount}을 빼 드렸어요. 고맙습니다.\n요금 보기 {link}"
    ),
}
#: Kinds nobody needs at night: they wait for the morning.
_BY_DAY = frozenset(
    {
        NoticeKind.OPTOUT_RESULT,
        NoticeKind.RESUBSCRIBE_RESULT,
        NoticeKind.PROMO_ENDING,
        NoticeKind.PUBLICATION_REFUSED,
        NoticeKind.WELCOME,
        NoticeKind.SHOP_CLOSED,
        NoticeKind.FREE_MONTH_ENDING,
        NoticeKind.PRICE_CHANGING,
        NoticeKind.COMMITMENT_ENDING,
        NoticeKind.INVOICE_READY,
        NoticeKind.PAYMENT_FAILED,
        NoticeKind.UNPAID,
        NoticeKind.STOPPED_UNPAID,
        NoticeKind.REFERRAL_REWARDED,
    }
)


def render(kind: NoticeKind, fields: Mapping[str, str]) -> str:
    """The text of one notice."""
    return TEXTS[kind].format_map(
        {"help": settings.HELP_PHONE, "link": f"{settings.BASE_URL}/start/", **fields}
    )


def take(now: datetime) -> int:
    """Make messages of the notices that wait; returns how many were taken. What has expired is taken unsent."""
    with transaction.atomic():
        waiting = list(
            Notice.objects.select_for_update(skip_locked=True)
            .filter(taken_at__isnull=True)
            .order_by(Case(When(kind=NoticeKind.LOGIN_CODE, then=0), default=1), "id")[:BATCH]
        )
        if not waiting:
            return 0
        made = [_message_or_none(notice, now) for notice in waiting if notice.expires_at > now]
        Message.objects.bulk_create(message for message in made if message is not None)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_notice SET taken_at = %s, fields = '{}' WHERE id = ANY(%s)",
                [now, [notice.pk for notice in waiting]],
            )
    return len(waiting)


def _message_or_none(notice: Notice, now: datetime) -> Message | None:
    """None for a notice that cannot be made into a text: it must not keep the others from their people."""
    try:
        return _message(notice, now)
    except (CryptoError, KeyError, ValueError) as error:
        log.error("notice cannot be made", extra={"notice": notice.pk, "error": type(error).__name__})
        return None


def _message(notice: Notice, now: datetime) -> Message:
    kind = NoticeKind(notice.kind)
    number = keyring().open(notice.to_sealed)
    composed = compose_notice(render(kind, notice.fields))
    release_at = ad_window().next_open(now) if kind in _BY_DAY else now
    return Message(
        created_at=now,
        shop_id=notice.shop_id,
        kind=MessageKind.INFO,
        notice_kind=kind,
        priority=Priority.LOGIN if kind == NoticeKind.LOGIN_CODE else Priority.INFO,
        channel=composed.channel,
        state=MessageState.QUEUED,
        day=kst_day(now),
        sender=settings.SYSTEM_SENDER,
        recipient_sealed=notice.to_sealed,
        recipient_index=keyring().index(number),
        subject=composed.subject,
        text=composed.text,
        token=new_token(),
        release_at=release_at,
        expires_at=max(notice.expires_at, release_at + timedelta(minutes=5))
        if kind in _BY_DAY
        else notice.expires_at,
    )
