"""The stage for tests that walk through all pages: who is who, full lists, and the rows that no demo has."""

import re
from dataclasses import dataclass
from typing import Final

from tests.browser import papers, traffic
from tests.browser.portal import Portal, eventually, run_inside

#: Who is who: people of the demo, two of them with other shops than the demo gives them (RARE_ROWS).
PEOPLE: Final = {
    "owner": "01090000004",
    "owner of none": "01090000005",
    "owner of two": "01090000006",
    "idle owner": "01090000006",
    "colleague": "01090000011",
    "agent": "01090000091",
    "producer": "01090000092",
    "dealer": "01090000093",
    "admin": "01090000099",
}

#: What no demo has: an owner of two shops, the one with a long name, the other stopped; an owner of none; a text past its
#: term, a call that waits for the morning.
RARE_ROWS: Final = """
import hashlib, io
from dataclasses import replace
from datetime import timedelta
from PIL import Image
from eligibility import activation, applications, closing, online, production, reviews
from eligibility.form_log import Edit
from eligibility.models import ActivationStep, Application, DraftReview
from messaging.editor import drafts
from messaging.pictures_store import store
from django.db import transaction
from django.utils import timezone
from messaging.enums import MessageState
from messaging.models import Announcement, Block, CouponCode, Homepage, MenuItem, ShopPhoto
from shopmsg.accounts import audit, delegations, login_links
from shopmsg.core.clock import kst_day
from shopmsg.accounts.enums import MemberRole, NoticeState, ShopStatus
from shopmsg.accounts.models import Line, Membership, Merchant, Shop, User
from billing import adjustments, bank, change_offers, changes, fees, ledger, plan_change, price_list, subscriptions, tax_line, vat
from billing.enums import ChangeKind
from billing.models import Adjustment, CatalogueRow, BankLine, BillingRun, Card, CardCharge, ChangeOffer, PhoneBillBatch, PhoneBillRow, Referral, RunDifference, TaxInvoice
from tests.factories.billing import PACK, billed, noon, subscribed
from tests.factories.eligibility import application, typed_form
from tests.factories.messaging import block, message_of, promo_version, sent_call

now = timezone.now()
Membership.objects.filter(user__mobile="01090000005").delete()
kept = {"merchant": Merchant.objects.first(), "ksic": "56193", "optout_080": "08012345678"}
long = Shop.objects.create(
    slug="long", name="우리 동네에서 가장 오래된 할머니 손맛 원조 서울식당 본점 옆 별관", optout_code="9001",
    status=ShopStatus.ACTIVE, address="서울특별시 강서구 공항대로 1234 마곡나루역보타닉푸르지오시티 지하 1층 비101호",
    hours="월~금 11:00~22:00, 토 12:00~23:00, 일 쉬어요, 공휴일은 전화로 물어봐 주세요", **kept,
)
stopped = Shop.objects.create(
    slug="stopped", name="멈춘가게", optout_code="9002", status=ShopStatus.SUSPENDED,
    status_reason="통신사가 가게 번호를 도용된 번호로 보고 막았어요.", **kept,
)
Line.objects.create(
    number="05051234567", shop=long, notice_state=NoticeState.ACTIVE, notice_active_since=now, sender_accepted_at=now
)
for shop in (long, stopped):
    Membership.objects.create(shop=shop, user=User.objects.get(mobile="01090000006"), role=MemberRole.OWNER)
Membership.objects.create(pk=9001, shop=long, user=User.objects.create_user("01090000097", "이함께"), role=MemberRole.VIEWER)
resting = Shop.objects.create(
    slug="resting", name="오늘은쉬는집", optout_code="9004", status=ShopStatus.ACTIVE, sending_on=False,
    off_until=now + timedelta(days=1), **kept,
)
Membership.objects.create(shop=resting, user=User.objects.get(mobile="01090000006"), role=MemberRole.OWNER)
block(long, "01005551234", "아" * 30)
sent_call(long, MessageState.HELD, caller="01005550001", release_at=now + timedelta(hours=9))
shown = message_of(sent_call(long, caller="01005550002", text=f"(광고)[{long.name}]" + chr(10) + "가나다라" * 40))
old = message_of(sent_call(long, caller="01005550003", text="", recipient_sealed=None))
Shop.objects.create(slug="gone", name="떠난가게", status=ShopStatus.CLOSED, optout_code="9003", **kept)
Shop.objects.filter(pk=long.pk).update(week={
    "days": [["11:00", "01:00", "15:00", "17:00"]] * 5 + [["12:00", "23:00"], None], "note": "재료가 떨어지면 일찍 닫아요",
    "closures": [{"from": kst_day(now).isoformat(), "to": (kst_day(now) + timedelta(days=8)).isoformat(), "reason": "겨울 휴가"}],
})
Homepage.objects.create(shop=long, intro="1978년부터 한자리에서 끓여 온 집이에요." + chr(10) + "늘 고맙습니다.", way="마곡나루역 2번 출구 앞 보타닉푸르지오시티 지하 1층, 내려와서 오른쪽")
Announcement.objects.create(shop=long, text="김장으로 11월 말에는 저녁 8시까지만 손님을 받아요. 미리 전화 주시면 자리를 잡아 드려요.", starts_on=kst_day(now))
for place, (dish, price, gone) in enumerate([("할머니 손맛 원조 얼큰 해물 손칼국수 곱빼기", 12500, False), ("감자전", 9000, True), ("모둠 수육", None, False)]):
    MenuItem.objects.create(shop=long, name=dish, price=price, sold_out=gone, note="국산 고춧가루만 써요", position=place)
MenuItem.objects.create(pk=9001, shop=long, name="공깃밥", price=1000, position=9)
Announcement.objects.create(pk=9001, shop=long, text="추석 연휴에 쉬었어요", starts_on=kst_day(now) - timedelta(days=60), ends_on=kst_day(now) - timedelta(days=50))
made = io.BytesIO()
Image.new("RGB", (1000, 750), "#7a8f6a").save(made, "JPEG")
picture = store(long, made.getvalue(), 1000, 750, hashlib.sha256(made.getvalue()).hexdigest())
ShopPhoto.objects.create(pk=9001, shop=long, picture=picture, caption="마곡나루역 쪽에서 본 가게 앞모습이에요")
promo_version(long, kind="event", headline="햅쌀밥에 나물 네 가지를 무료로 더 드리는 주간이에요", body="가나다라마바사" * 30, starts_on=kst_day(now))
version = promo_version(long, kind="coupon", live=True, headline="가을 손님께 드려요", ends_on=kst_day(now) + timedelta(days=9), details={
    "benefit": "두 분 이상 오시면 김치전 한 장과 막걸리 한 병을 드려요", "where": "본점과 옆 별관 모두", "how": "주문할 때 이 화면을 보여 주세요",
})
for code, used in (("482917", None), ("482918", now)):
    CouponCode.objects.create(shop=long, promo=version, coupon_key="other", holder=code.encode() * 2, code=code, issued_at=now, redeemed_at=used)
login_links.send(
    User.objects.get(mobile="01090000006"), long, by=User.objects.get(mobile="01090000099"), address=None, now=now
)
online.apply(typed_form(shop_name="우리 동네 오래된 할머니 손맛 원조 치킨 본점"), submission="a" * 32, address=None, now=now)
online.apply(typed_form(ksic="47122", annual_revenue="11억"), submission="b" * 32, address=None, now=now)
online.ask_for_call({"owner_name": "한새봄", "owner_mobile": "01007770002"}, submission="c" * 32, address=None, now=now)
longest = "할머니가 끓여 주시던 그 맛 그대로 원조 전주콩나물국밥 망원역 본점"
for name in ("open", "long", "unfit", "other", "ended", "done", "passed-on"):
    signed = application(now=now, shop_name=longest if name == "long" else "바삭치킨", term_months="36" if name == "long" else "0")
    link = reviews.send(signed.pk, by=None, address=None, now=now)
    DraftReview.objects.filter(pk=link.pk).update(token_hash=hashlib.sha256(name.encode()).hexdigest())
    signed.refresh_from_db()
    if name == "unfit":
        drafts.save(signed.shop, [drafts.Edit("body", "", 10**6)], visit="", by=None, now=now)
    elif name == "other":
        reviews.open_on(link, "another phone", now)
    elif name == "ended":
        applications.withdraw(signed.pk, reason="마음이 바뀜", by=None, address=None, now=now)
    elif name == "done":
        reviews.confirm("done", seal=reviews.seal_of(signed, now), device="a phone", address=None, now=now)
    elif name == "passed-on":
        reviews.ask_changes("passed-on", seal="", marks=["picture", "body"], note="양념치킨도 적어 주세요", device="a phone", address=None, now=now)
agent, colleague = User.objects.get(mobile="01090000091"), User.objects.create_user("01090000096", "정동료", role="agent")
for pk, typed in (
    (9001, typed_form(
        shop_name=longest, ksic="47122", annual_revenue="20억", business_number="111-11-11118", line_number="1566-12345",
        bundle="success_pack", owner_mobile="010-0777-000",
    )),
    (9002, typed_form(shop_name="새봄손칼국수", ksic="56111")), (9003, typed_form(shop_name="취소한가게")),
):
    Application.objects.create(pk=pk, source="call_1588", created_by=agent, created_at=now, updated_at=now)
    for visit, who, said in (("1" * 32, agent, typed), ("2" * 32, colleague, {"owner_name": "남궁이바삭"})):
        edits = [Edit(field, text, 0) for field, text in said.items()]
        applications.save(pk, edits, visit=visit, by=who, address=None, now=now)
reviews.send(9002, by=agent, address=None, now=now)
DraftReview.objects.filter(application=9002).update(
    answer="changes", opened_at=now, answered_at=now, marks=["headline", "hours"], note="일요일에는 쉬어요. 제목은 ‘손으로 민 칼국수’로 해 주세요",
)
applications.withdraw(9003, reason="마음이 바뀜", by=agent, address=None, now=now)
producer = User.objects.get(mobile="01090000092")
Application.objects.create(pk=9101, source="call_100", created_by=agent, created_at=now, updated_at=now)
unreached = [Edit(field, text, 0) for field, text in typed_form(shop_name=longest, note="사진은 나중에 보내 주신다고 함").items()]
applications.save(9101, unreached, visit="3" * 32, by=agent, address=None, now=now)
applications.receive(9101, by=agent, address=None, now=now)
applications.registry_answered(9101, Application.objects.get(pk=9101).business_number, "active", now)
for _ in range(3):
    production.note_try(9101, answered=False, note="신호만 가고 받지 않음. 가게 번호로도 걸어 봄", by=producer, address=None, now=now)
for pk, name in ((9201, longest), (9202, "오늘떠난통닭")):
    Application.objects.create(pk=pk, source="call_100", created_by=agent, created_at=now, updated_at=now)
    said = [Edit(field, text, 0) for field, text in typed_form(shop_name=name).items()]
    applications.save(pk, said, visit="4" * 32, by=agent, address="203.0.113.7", now=now)
    link = reviews.send(pk, by=agent, address=None, now=now)
    DraftReview.objects.filter(pk=link.pk).update(token_hash=hashlib.sha256(str(pk).encode()).hexdigest())
    applications.registry_answered(pk, Application.objects.get(pk=pk).business_number, "active", now)
    seal = reviews.seal_of(Application.objects.get(pk=pk), now)
    reviews.confirm(str(pk), seal=seal, device="a phone", address=None, now=now)
    activation.activate(pk, by=agent, address=None, now=now)
admin = User.objects.get(mobile="01090000099")
ActivationStep.objects.filter(application=9201, name="line").update(
    state="failed", problem="다른 가게가 그사이 등록한 번호입니다. 매장 전화를 다시 확인해 주세요.", done_at=None
)
closing.close(9202, reason="가게를 정리하심", by=admin, address=None, now=now)
production.take_up(9101, return_to="/production/9101/", by=producer, address=None, now=now)
audit.record("login.link_sent", actor=User.objects.get(mobile="01090000091"), shop=long, reason="신분증과 사업자등록증을 사진으로 받아 맞춰 봄")
delegations.begin(
    producer, long, scope="content", reason="사장님이 전화로 메뉴와 값을 불러 주셔서 대신 올려 드리기로 함", return_to="/production/",
    address=None, now=now,
)
audit.record("menu.added", actor=producer, shop=long)
today, catalogue = kst_day(now), price_list.catalogue()
quitting, pausing = (Shop.objects.create(slug=slug, name=name, optout_code=code, **kept) for slug, name, code in (
    ("quitting", "곧그만두는집", "9005"), ("pausing", "잠깐쉬는집", "9006"),
))
for shop in (quitting, pausing):
    Membership.objects.create(shop=shop, user=User.objects.get(mobile="01090000006"), role=MemberRole.OWNER)
subscribed(long, today - timedelta(days=400), term_months=24)
subscribed(resting, today - timedelta(days=3), **PACK)
subscribed(quitting, today - timedelta(days=200), term_months=12)
subscribed(pausing, today - timedelta(days=100))
plan = lambda contract, on: changes.change_plan(contract, catalogue, "pro", on)
subscriptions.change(long, plan, by=None, address=None, now=noon(today.replace(day=1) - timedelta(days=20)))
for shop, step in (
    (quitting, lambda contract, on: changes.cancel(contract, today + timedelta(days=9), on)),
    (pausing, lambda contract, on: changes.pause(contract, on, today + timedelta(days=30))),
):
    subscriptions.change(shop, step, by=None, address=None, now=now)
bill = billed(long, (today.replace(day=1) - timedelta(days=1)).replace(day=1))
with transaction.atomic():
    account = ledger.locked(long.pk)
    ledger.pay(
        account, account.balance_krw - 10000, key="stage:paid", method="transfer", paid_on=today, label="계좌 이체", sentence="", by=None, now=now,
    )
    ledger.post_note(
        account, ledger.Posting("correction", "stage:note", vat.split(-3300), today, today, "바로잡음", "점검으로 닷새를 쓰지 못하셔서 그만큼 돌려드려요."),
        number="N202601-009001", original=bill, party=bill.party, by=None, now=now,
    )
for shop, state, why in (
    (resting, "waiting", ""), (quitting, "rewarded", ""), (pausing, "refused", "두 가게 사장님의 휴대폰 번호가 같아서 드릴 수 없어요."),
):
    Referral.objects.create(shop=shop, referrer=long, state=state, refused_for=why, created_at=now)
lines = [
    "KB국민은행 거래내역", "거래일시,출금액,입금액,보낸분,송금메모,거래후잔액", f"{today} 09:10:00,0,3000,{long.name[:14]},11월분,3000",
    f"{today} 09:20:00,0,5000,곧그만두는집 {quitting.account.deposit_code},,8000", f"{today} 09:30:00,0,120,예금이자,,8120",
    f"{today},1000,0,급여이체,,7120", f"{today},0,만오천원,할머니가 끓여 주시던 그 맛 그대로 원조 전주콩나물국밥,,",
]
sheet = io.BytesIO(chr(10).join(lines).encode("cp949"))
taken = bank.take_in("국민은행 거래내역조회_2026년 11월.csv", sheet, len(sheet.getvalue()), by=admin, address=None, now=now)
for pk, amount in ((9001, 3000), (9002, 5000), (9003, 120)):
    BankLine.objects.filter(amount_krw=amount).update(id=pk)
bank.settle(now)
bank.set_aside(9003, reason="예금 이자", by=admin, address=None, now=now)
months = PhoneBillBatch.objects.create(
    pk=9001, month=bill.month, by=admin, created_at=now, answered_at=now, answered_by=admin,
    problems=[{"row": 4, "field": "청구번호", "value": "202611-000000", "why": "이달 파일에 없는 번호"}],
)
PhoneBillRow.objects.create(batch=months, shop=long, invoice=bill, line="05051234567", amount_krw=10000, state="failed", why="한도 초과")
billed(quitting, bill.month)
cards = {
    shop: Card.objects.create(
        shop=shop, customer_key=shop.slug, billing_key_sealed=b"", key_index=b"", number="94100012****789*", issuer="하나카드",
        fingerprint=b"", broken_for=broken, state="broken" if broken else "active", created_at=now,
    )
    for shop, broken in ((long, ""), (quitting, ""), (resting, "카드의 유효기간이 지났어요. 새 카드를 등록해 주세요."))
}
with transaction.atomic():
    came = ledger.pay(
        ledger.locked(quitting.pk), 3000, key="stage:card", method="card", paid_on=today, label="카드 결제", sentence="", by=None, now=now,
    )
for pk, shop, state, why, entry in (
    (9002, quitting, "paid", "", came), (9001, quitting, "declined", "카드 한도를 넘었거나 통장 잔액이 모자라서 결제하지 못했어요. 한도나 잔액을 확인해 주세요.", None),
    (9003, long, "uncertain", "", None),
):
    CardCharge.objects.create(
        pk=pk, shop=shop, card=cards[shop], state=state, amount_krw=3000, order_id=f"b{shop.pk}-{bill.month:%Y%m}-{pk}", why=why,
        idempotency_key=str(pk), entry=entry, created_at=now, submitted_at=now - timedelta(hours=2), settled_at=now, code="timeout",
        receipt_url="https://example.com/receipt/1", payment_key="tbill-of-the-stage",
    )
TaxInvoice.objects.create(
    pk=9001, invoice=bill, written_on=bill.month, supply_krw=bill.supply_krw, vat_krw=bill.vat_krw, file="2026-01-001", exported_at=now,
    exported_by=admin, said=tax_line.said(bill.party["seller"], bill.party["buyer"], [["이용료", bill.supply_krw, bill.vat_krw]], paid=False, number=bill.number),
)
run = BillingRun.objects.create(
    pk=9001, month=bill.month, dry=True, state="done", todo=2, done=2, invoices=2, total_krw=32700, supply_krw=29727, vat_krw=2973,
    before_krw=19800, problems=[{"shop": long.pk, "why": "알림톡 단가를 정하지 않아서 그 사용료는 빼고 청구합니다."}],
    started_by=admin, created_at=now, beat_at=now, finished_at=now,
)
RunDifference.objects.create(run=run, shop=long, before_krw=19800, after_krw=13200, why="3년 약정을 시작하셔서 6,600원 줄었어요.")
BillingRun.objects.create(pk=9002, month=bill.month, dry=False, state="stopped", todo=2, done=1, started_by=admin, created_at=now, beat_at=now, finished_at=now)
raised = plan_change.Wanted(ChangeKind.COMMITTED, 36)
for token, state in (("open", "sent"), ("withdrawn", "withdrawn")):
    ChangeOffer.objects.create(
        shop=long, kind="committed", fields=raised.to_json(), state=state, made_by=agent, made_at=now,
        promised=change_offers.Promised.of(plan_change.preview(long, raised, now)).to_json(),
        token_hash=hashlib.sha256(token.encode()).digest(), expires_at=now + change_offers.VALID,
    )
for pk, by, amount, why in (
    (9001, colleague, -60000, "점검으로 닷새 동안 문자가 나가지 않아서 그만큼 돌려드려요. 기다려 주셔서 고마워요."),
    (9002, admin, 70000, "지난해 12월에 이벤트 요금제를 빠뜨리고 청구했어요."), (9003, colleague, -3000, "전화 응대가 늦어서 돌려드려요."),
):
    asked = adjustments.request(pausing, kind="correction", amount_krw=amount, reason=why, by=by, address=None, now=now)
    Adjustment.objects.filter(pk=asked.pk).update(id=pk)
public = catalogue.price_of("basic", today)
for pk, days, won in ((9001, 400, 17600), (9002, 500, 18700)):
    row = replace(public, effective_from=today + timedelta(days=days), list_krw=won)
    made = price_list.announce(row, source="KT 상품약관 개정 공지 제2027-114호(기업부문 메시지 상품)", by=admin, address=None, now=now)
    CatalogueRow.objects.filter(pk=made.pk).update(id=pk)
price_list.withdraw(9002, by=admin, address=None, now=now)
named = Merchant.objects.create(pk=9001, name="할머니가 끓여 주시던 그 맛 그대로 원조 전주콩나물국밥", business_number="9990000001")
for since, won in ((today, 9), (today + timedelta(days=40), 8)):
    fees.agree(named, kind="alimtalk", won=won, effective_from=since, by=admin, address=None, now=now)
print("rows", shown.token, old.token, User.objects.get(mobile="01090000004").pk, Block.objects.get(shop__slug="bomnal", label="").pk, bill.number)
"""

#: The minute of grace of whatever waits is over.
HELD_OVER: Final = """
from django.utils import timezone
from messaging.models import Publication
Publication.objects.filter(state="waiting").update(due_at=timezone.now())
"""


@dataclass(frozen=True)
class Stage:
    """The portal after a busy afternoon: what the visits' paths are filled in with, and everybody's cookies."""

    portal: Portal
    places: dict[str, str]
    cookies: dict[str, list[dict[str, str]]]
    links: list[str]


def set_stage(portal: Portal) -> Stage:
    """Calls of every fate, then what no demo has; takes some twenty seconds, so once a run."""
    shops = portal.demo["shops"]
    shop, empty = shops[3], shops[5]
    links = traffic.fill(portal, shop)
    cookies: dict[str, list[dict[str, str]]] = {"": []}
    people = {}
    for who, mobile in PEOPLE.items():
        people[who] = traffic.Visitor(portal)
        people[who].send("/login/demo/", mobile=mobile)
        cookies[who] = people[who].cookies
    own = f"/shops/{shop['slug']}"
    for number, label in (("010-0555-0001", "쌀집 아저씨"), ("010-0555-0002", "")):
        people["owner"].send(f"{own}/blocks/", number=number, label=label)
    promo = {
        "kind": "event",
        "headline": "가을 꽃다발",
        "body": "국화가 예뻐요",
        "ends_on": "2099-12-31",
        "picture": "drawn:0",
    }
    people["owner"].send(f"{own}/promo/", to=f"{own}/promo/save/", **promo)
    rows = run_inside(portal, RARE_ROWS)
    long, old, owner, block, bill = re.search(r"rows (\w+) (\w+) (\d+) (\d+) ([\d-]+)", rows).groups()  # type: ignore[union-attr]
    result = people["colleague"].send(
        "/try/", shop=shops[0]["slug"], caller="010-0555-0009", seconds="30", carrier="KT"
    )
    eventually(lambda: "(광고)" in people["colleague"].get(result.partition("#")[0]), 10)
    logins = eventually(
        lambda: re.findall(r"/in/[\w-]+/", "\n".join(traffic.texts(portal, PEOPLE["owner of two"]))), 20
    )
    assert logins, "the login link arrives"
    places = {
        "shop": shop["slug"], "empty": empty["slug"], "colleagues": shops[0]["slug"], "link": path_of(portal, links[5]),
        "stopped": path_of(portal, links[0]), "call": _call_of(people["owner"], own, traffic.DELIVERED[5]),
        "failed": _call_of(people["owner"], own, "01001002002"), "long": long, "old": old, "owner": owner, "block": block, "bill": bill, "month": f"{bill[:4]}-{bill[4:6]}",
        "result": result, "login": logins[-1], **papers.places(portal),
        "making": _made(portal, "골목분식"), "changes": _made(portal, "한그릇국수"),
    }  # fmt: skip
    return Stage(portal, places, cookies, links)


def path_of(portal: Portal, link: str) -> str:
    """The path of an absolute address of the portal."""
    return link.removeprefix(portal.url)


def _call_of(owner: traffic.Visitor, own: str, caller: str) -> str:
    found = re.findall(
        rf'href="{own}/calls/(\d+)/"', owner.get(owner.send(f"{own}/calls/", last4=caller[-4:]))
    )
    return str(found[-1])


def _made(portal: Portal, name: str) -> str:
    """The number of the demo's application of this shop, as its producer finds it."""
    producer = traffic.Visitor(portal)
    producer.send("/login/demo/", mobile=PEOPLE["producer"])
    return re.findall(r'href="/production/(\d+)/"', producer.get(producer.send("/production/", words=name)))[
        0
    ]
