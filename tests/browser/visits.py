"""Every page of ours in every state somebody meets it in, by area, and the addresses that are no pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from playwright.sync_api import Page

from tests.markup import OWNER_PAGE, PUBLIC_PAGE

#: Named addresses no person opens with GET, and why.
NOT_VISITED: Final = {
    "accounts:logout": "POST",
    "accounts:send_again": "POST",
    "demo:phone": "a part of demo:result",
    "eligibility:activation_repeat": "POST",
    "eligibility:close_back": "POST",
    "eligibility:transfer_back": "POST",
    "eligibility:desk_activate": "POST",
    "eligibility:desk_choose": "POST",
    "eligibility:desk_new": "POST",
    "eligibility:desk_picture": "picture",
    "eligibility:desk_preview": "POST, a part of eligibility:desk_call",
    "eligibility:desk_receive": "POST",
    "eligibility:desk_registry": "POST",
    "eligibility:desk_reopen": "POST",
    "eligibility:desk_save": "POST",
    "eligibility:desk_send": "POST",
    "eligibility:desk_state": "for the scripts of eligibility:desk_call",
    "eligibility:desk_trades": "a part of eligibility:desk_call",
    "billing:bill_pdf": "a file; tests/billing/test_bill_pdf.py looks at it",
    "billing:bank_look_again": "POST",
    "billing:bank_problems": "a file",
    "billing:phone_bill_file": "a file",
    "billing:phone_bill_make": "POST",
    "billing:hook_cards": "for machines",
    "billing:pay_method": "POST",
    "billing:plan_leave_back": "POST",
    "billing:account_offer": "a part of billing:account",
    "billing:offer_withdraw": "POST",
    "billing:run_dry": "POST",
    "billing:run_stop": "POST",
    "billing:staff_bill_pdf": "a file",
    "billing:reports_file": "a file",
    "billing:tax_every": "a file",
    "billing:tax_fill": "POST",
    "billing:tax_make": "POST",
    "billing:tax_sheet": "a file",
    "demo:picture": "picture",
    "eligibility:api_eligibility": "for machines",
    "eligibility:api_industries": "for machines",
    "eligibility:api_quote": "for machines",
    "eligibility:apply_field": "POST, a part of eligibility:apply",
    "eligibility:certificate_back": "POST",
    "eligibility:certificate_decide": "POST",
    "eligibility:certificate_picture": "picture",
    "eligibility:dealer_new": "POST",
    "eligibility:document_add": "POST",
    "eligibility:production_call_undo": "POST",
    "eligibility:production_edit": "POST",
    "eligibility:production_picture": "picture",
    "eligibility:production_send": "POST",
    "eligibility:review_again": "POST; tests/eligibility/test_review_pages.py looks at what it answers",
    "eligibility:review_look": "a part of eligibility:review",
    "eligibility:review_picture": "picture",
    "eligibility:review_yes": "POST",
    "home:healthz": "for machines",
    "home:operator_resume": "POST",
    "home:shop_resume": "POST",
    "home:manifest": "for machines",
    "home:readyz": "for machines",
    "home:sample_picture": "picture",
    "home:worker": "a script",
    "home:try": "stands behind demo:try; tests/home/test_public_pages.py looks at it",
    "accounts:delegation_finish": "POST",
    "accounts:person_restore": "POST",
    "accounts:staff_stop": "POST",
    "messaging:announcement_remove": "POST",
    "messaging:announcement_undo": "POST",
    "messaging:block_restore": "POST",
    "messaging:block_sample": "a file",
    "messaging:block_upload_undo": "POST",
    "messaging:gallery_picture": "picture",
    "messaging:gallery_start": "POST",
    "messaging:coupon_redeem": "POST",
    "messaging:hook_calls": "for machines",
    "messaging:hook_optouts": "for machines",
    "messaging:hook_reports": "for machines",
    "messaging:menu_do": "POST",
    "messaging:menu_undo": "POST",
    "messaging:message_again": "POST",
    "messaging:photo_add": "POST",
    "messaging:photo_do": "POST",
    "messaging:photo_undo": "POST",
    "messaging:picture": "picture",
    "messaging:picture_small": "picture",
    "messaging:picture_upload": "POST",
    "messaging:promo_design": "picture",
    "messaging:promo_preview": "POST, a part of messaging:promo",
    "messaging:promo_call_back": "POST",
    "messaging:promo_choose": "POST",
    "messaging:promo_publication": "a part of messaging:promo",
    "messaging:promo_publish": "POST",
    "messaging:promo_save": "POST",
    "messaging:promo_test": "POST",
    "messaging:promo_undo": "POST",
    "messaging:sending": "POST",
    "messaging:shop_closure_do": "POST",
}


#: What a search engine may show. Every other page belongs to one person, one shop's people or the staff.
INDEXED: Final = frozenset(
    {
        "accounts:login", "demo:logins", "demo:try", "eligibility:callback", "eligibility:check", "home:help", "home:landing", "home:law", "home:offline",
        "home:privacy", "home:terms", "messaging:genuine", "messaging:homepage",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """One page in one state. `path` may hold {shop}, {empty}, {link}, {stopped}, {call}, {failed}, {block}, {result},
    {owner}, {bill}, {long}, {old}, {login}, {making}, {changes}; `do` is what the person does there; `weight` is the bar of its kind of page."""

    name: str
    path: str
    who: str = ""
    do: tuple[Callable[[Page], object], ...] = ()
    status: int = 200
    weight: int = PUBLIC_PAGE

    def __str__(self) -> str:
        return f"{self.who or 'visitor'} {self.path}{' and acts' * bool(self.do)}"


def press(name: str) -> Callable[[Page], object]:
    def pressed(page: Page) -> None:
        page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()
        page.wait_for_load_state()

    return pressed


def write(**fields: str) -> Callable[[Page], object]:
    def written(page: Page) -> None:
        for name, value in fields.items():
            page.locator(f"[name={name}]").last.fill(value)

    return written


owners: Final = partial(Visit, who="owner", weight=OWNER_PAGE)
staff: Final = partial(Visit, who="admin", weight=OWNER_PAGE)
dealers: Final = partial(Visit, who="dealer", weight=OWNER_PAGE)
agents: Final = partial(Visit, who="agent", weight=OWNER_PAGE)
producers: Final = partial(Visit, who="producer", weight=OWNER_PAGE)

#: Ahead of whatever day the walk is on.
_NEXT_YEAR: Final = f"{datetime.now(UTC).year + 1}-12-15"

_PUBLIC: Final = [
    Visit("home:landing", "/"),
    Visit("home:terms", "/terms/"),
    Visit("home:privacy", "/privacy/"),
    Visit("home:help", "/help/"),
    Visit("home:law", "/help/law/"),
    Visit("home:offline", "/offline/"),
    Visit("accounts:link", "{login}"),
    Visit("accounts:link", "/in/used-or-never-sent/", status=410),
    Visit("(404)", "/no/such/page/", status=404),
    Visit("demo:try", "/try/"),
    Visit("demo:try", "/try/", do=(write(caller="전화"), press("전화 끊기"))),
    Visit("demo:result", "{result}"),
    Visit("demo:logins", "/login/demo/"),
    Visit("accounts:login", "/login/"),
    Visit("accounts:login", "/login/", do=(write(mobile="02-123"), press("인증번호 받기"))),
    Visit("accounts:code", "/login/", do=(write(mobile="010-0999-0001"), press("인증번호 받기"))),
]  # fmt: skip

_JOIN: Final = [
    Visit("eligibility:check", "/check/"),
    Visit("eligibility:check", "/check/?q=카페"),
    Visit("eligibility:check", "/check/?q=편의점"),
    Visit("eligibility:check", "/check/?q=없는말"),
    Visit("eligibility:check", "/check/?ksic=56193"),
    Visit("eligibility:check", "/check/?ksic=56193&revenue=500m"),
    Visit("eligibility:check", "/check/?ksic=56193&revenue=1b&internet=internet&parts=tv,mobile"),
    Visit("eligibility:check", "/check/?ksic=56193&revenue=unsure&parts=tv"),
    Visit("eligibility:check", "/check/?ksic=47122&revenue=over"),
    Visit("eligibility:check", "/check/?kind=public_body"),
    Visit("eligibility:apply", "/apply/?ksic=56193&revenue=500m&plan=36"),
    Visit("eligibility:apply", "/apply/?ksic=56193&plan=pack&internet=internet"),
    Visit("eligibility:apply", "/apply/?ksic=56193&revenue=500m", do=(write(line_number="1234567", business_number="124-81-00999"), press("다음: 내용과 요금 보기"))),
    Visit("eligibility:apply", "/apply/?kind=public_body&product=basic"),
    Visit("eligibility:apply", "/apply/?ksic=56193&revenue=500m&plan=36", do=(
        write(shop_name="우리 동네 오래된 할머니 손맛 치킨", line_number="02-2123-9876", address="서울 강서구 공항대로 1234 지하 1층 비101호", owner_name="한새봄", owner_mobile="010-0777-0001", business_number="124-81-00998", specials="매일 새 기름으로 튀겨요."),
        lambda page: page.get_by_label("개인정보를 이렇게 쓰는 데 동의해요").check(),
        press("다음: 내용과 요금 보기"),
    )),
    Visit("eligibility:applied", f"/apply/{'a' * 32}/"),
    Visit("eligibility:applied", f"/apply/{'b' * 32}/"),
    Visit("eligibility:callback", "/callback/?ksic=56193&revenue=500m"),
    Visit("eligibility:callback", "/callback/", do=(write(owner_mobile="02-123"), press("전화 부탁하기"))),
    Visit("eligibility:callback_wanted", f"/callback/{'c' * 32}/"),
]  # fmt: skip

_CALLER: Final = [
    Visit("messaging:genuine", "/real/"),
    Visit("messaging:genuine", "/real/", do=(write(link="http://bit.ly/3xyz"), press("확인하기"))),
    Visit("messaging:message", "{link}"),
    Visit("messaging:message", "{stopped}"),
    Visit("messaging:message", "/m/0123456789", status=404),
    Visit("messaging:message_stop", "{link}/stop"),
    Visit("messaging:message_stop", "{stopped}/stop"),
    Visit("messaging:message", "/m/{long}"),
    Visit("messaging:message_stop", "/m/{old}/stop"),
    Visit("messaging:message_coupon", "/m/{long}/coupon"),
]  # fmt: skip

_REVIEW: Final = [
    Visit("eligibility:review", "/confirm/open/"),
    Visit("eligibility:review", "/confirm/long/"),
    Visit("eligibility:review", "/confirm/unfit/"),
    Visit("eligibility:review", "/confirm/other/", status=403),
    Visit("eligibility:review", "/confirm/ended/", status=410),
    Visit("eligibility:review", "/confirm/never-sent/", status=410),
    Visit("eligibility:review_changes", "/confirm/open/changes/"),
    Visit("eligibility:review_changes", "/confirm/long/changes/", do=(press("고쳐 달라고 하기"),), status=422),
    # What a phone sees that no test of all pages is, a member of staff sees as well.
    staff("eligibility:review", "/confirm/long/"),
    staff("eligibility:review", "/confirm/done/"),
    staff("eligibility:review", "/confirm/passed-on/"),
]  # fmt: skip

_HOMEPAGE: Final = [
    Visit("messaging:homepage", "/s/{shop}"),
    Visit("messaging:homepage", "/s/long"),
    Visit("messaging:homepage", "/s/gone", status=410),
    Visit("messaging:homepage_coupon", "/s/long/coupon", do=(press("쿠폰 받기"),)),
    Visit("messaging:homepage_coupon", "/s/{shop}/coupon"),
    owners("messaging:coupons", "/shops/{shop}/coupons/"),
    owners("messaging:coupons", "/shops/long/coupons/?code=482917", who="owner of two"),
    owners("messaging:coupons", "/shops/long/coupons/?code=482918", who="owner of two"),
    owners("messaging:coupons", "/shops/long/coupons/", who="owner of two", do=(write(code="12"), press("확인하기"))),
]  # fmt: skip

_DESK: Final = [
    agents("eligibility:desk", "/desk/"),
    agents("eligibility:desk", "/desk/?tab=over"),
    agents("eligibility:desk", "/desk/", do=(write(words="없는 가게"), press("찾기"))),
    agents("eligibility:desk_call", "/desk/9001/"),
    agents("eligibility:desk_call", "/desk/9002/"),
    agents("eligibility:desk_call", "/desk/9003/"),
    agents("eligibility:desk_call", "/desk/9001/", do=(press("접수만 하기"),)),
    agents("eligibility:desk_refuse", "/desk/9001/refuse/"),
    agents("eligibility:desk_withdraw", "/desk/9001/withdraw/"),
]  # fmt: skip

_START: Final = [
    owners("home:start", "/start/", who="owner of two"),
    owners("home:start", "/start/", who="owner of none"),
    owners("home:today", "/shops/long/", who="owner of two"),
    owners("home:today", "/shops/stopped/", who="owner of two"),
    owners("home:today", "/shops/{shop}/"),
    owners("home:today", "/shops/{empty}/", who="idle owner"),
    Visit("(403)", "/shops/{colleagues}/sending/off/", who="colleague", status=403),
    owners("home:today", "/shops/{colleagues}/", who="colleague"),
]  # fmt: skip

_PROMO: Final = [
    owners("messaging:promo", "/shops/long/promo/", who="owner of two"),
    owners("messaging:versions", "/shops/{shop}/promo/versions/"),
    owners("messaging:versions", "/shops/long/promo/versions/", who="owner of two"),
    owners("messaging:versions", "/shops/{shop}/promo/versions/?words=없는말"),
    owners("messaging:version", "/shops/{shop}/promo/versions/1/"),
    owners("messaging:version", "/shops/long/promo/versions/1/", who="owner of two"),
    owners("messaging:gallery", "/shops/{shop}/promo/gallery/"),
    owners("messaging:gallery", "/shops/{shop}/promo/gallery/?kind=coupon&page=2"),
    owners("messaging:gallery", "/shops/{shop}/promo/gallery/?q=없는말"),
    owners("messaging:gallery", "/shops/long/promo/gallery/", who="owner of two"),
    owners("messaging:promo", "/shops/{shop}/promo/"),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=headline", do=(write(headline=""),)),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=body", do=(write(body="뷁 😀 " * 300),)),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=period"),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=picture&handset=iphone&scheme=dark"),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=kind"),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=ad"),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=schedule"),
    owners("messaging:promo", "/shops/long/promo/?edit=test", who="owner of two"),
    owners("messaging:promo", "/shops/long/promo/?edit=hours", who="owner of two"),
    owners("messaging:promo", "/shops/{colleagues}/promo/", who="colleague"),
]  # fmt: skip

#: One of us in the owner's place.
_DELEGATED: Final = [
    owners("messaging:promo", "/shops/long/promo/", who="producer"),
    owners("messaging:promo", "/shops/long/promo/?edit=headline", who="producer"),
    owners("messaging:gallery", "/shops/long/promo/gallery/", who="producer"),
    owners("messaging:versions", "/shops/long/promo/versions/", who="producer"),
    owners("messaging:version", "/shops/long/promo/versions/1/", who="producer"),
    owners("messaging:shop_info", "/shops/long/shop/", who="producer"),
    owners("messaging:shop_menu", "/shops/long/shop/menu/", who="producer"),
    owners("(404)", "/shops/long/calls/", who="producer", status=404),
]  # fmt: skip

_CALLS: Final = [
    owners("messaging:calls", "/shops/long/calls/", who="owner of two"),
    owners("messaging:calls", "/shops/{shop}/calls/"),
    owners("messaging:calls", "/shops/{shop}/calls/?show=not_sent"),
    owners("messaging:calls", "/shops/{shop}/calls/", do=(write(last4="12"), press("찾기"))),
    owners("messaging:calls", "/shops/{shop}/calls/", do=(write(last4="1001"), press("찾기"))),
    owners("messaging:calls", "/shops/{shop}/calls/?first=2026-03-02&last=2026-03-01&reason=too_short"),
    owners("messaging:calls_export", "/shops/{shop}/calls/export/"),
    owners("messaging:calls_export", "/shops/{empty}/calls/export/", who="idle owner", do=(press("파일 받기"),)),
    owners("messaging:numbers", "/shops/{shop}/numbers/"),
    owners("messaging:numbers", "/shops/{empty}/numbers/", who="idle owner"),
    owners("messaging:calls", "/shops/{empty}/calls/", who="idle owner"),
    owners("messaging:call", "/shops/{shop}/calls/{call}/"),
    owners("messaging:call", "/shops/{shop}/calls/{failed}/", do=(press("번호 보기"),)),
]  # fmt: skip

_SHOP: Final = [
    owners("messaging:shop_info", "/shops/{shop}/shop/"),
    owners("messaging:shop_info", "/shops/long/shop/", who="owner of two"),
    owners("messaging:shop_info", "/shops/{colleagues}/shop/", who="colleague"),
    owners("messaging:shop_hours", "/shops/{shop}/shop/hours/"),
    owners("messaging:shop_hours", "/shops/long/shop/hours/?how=each", who="owner of two"),
    owners("messaging:shop_hours", "/shops/long/shop/hours/", who="owner of two", do=(write(note="쉬는 날 😀"), press("영업시간 저장하기"))),
    owners("messaging:shop_rest", "/shops/long/shop/rest/", who="owner of two"),
    owners("messaging:shop_closures", "/shops/long/shop/closures/", who="owner of two"),
    owners("messaging:shop_closures", "/shops/long/shop/closures/", who="owner of two", do=(press("쉬는 날 올리기"),)),
    owners("messaging:shop_place", "/shops/long/shop/place/", who="owner of two"),
    owners("messaging:shop_intro", "/shops/{shop}/shop/intro/"),
    owners("messaging:shop_slug", "/shops/{shop}/shop/address/"),
    owners("messaging:shop_slug", "/shops/{shop}/shop/address/", do=(lambda page: page.get_by_label("홈페이지 주소").fill("long"), press("저장하기"))),
    owners("messaging:shop_menu", "/shops/long/shop/menu/", who="owner of two"),
    owners("messaging:shop_menu", "/shops/{shop}/shop/menu/"),
    owners("messaging:menu_add", "/shops/{shop}/shop/menu/add/", do=(write(name="장미", price="시가"), press("올리기"))),
    owners("messaging:menu_item", "/shops/long/shop/menu/9001/", who="owner of two"),
    owners("messaging:shop_photos", "/shops/long/shop/photos/", who="owner of two"),
    owners("messaging:shop_photos", "/shops/{shop}/shop/photos/"),
    owners("messaging:photo", "/shops/long/shop/photos/9001/", who="owner of two"),
    owners("messaging:shop_announcements", "/shops/long/shop/announcements/", who="owner of two"),
    owners("messaging:shop_announcements", "/shops/{shop}/shop/announcements/"),
    owners("messaging:announcement_add", "/shops/{shop}/shop/announcements/add/", do=(write(text=""), press("올리기"))),
    owners("messaging:announcement", "/shops/long/shop/announcements/9001/", who="owner of two"),
]  # fmt: skip

_PEOPLE: Final = [
    owners("messaging:blocks", "/shops/long/blocks/", who="owner of two"),
    owners("messaging:optouts", "/shops/{shop}/optouts/"),
    owners("messaging:optouts", "/shops/{empty}/optouts/", who="idle owner"),
    owners("messaging:blocks", "/shops/{shop}/blocks/"),
    owners("messaging:blocks", "/shops/{shop}/blocks/", do=(write(number="123"), press("차단하기"))),
    owners("messaging:blocks", "/shops/{empty}/blocks/", who="idle owner"),
    owners("messaging:block_remove", "/shops/{shop}/blocks/{block}/remove/"),
    owners("messaging:block_upload", "/shops/{shop}/blocks/upload/"),
    owners("messaging:block_upload", "/shops/{shop}/blocks/upload/", do=(press("모두 차단하기"),)),
    owners(
        "messaging:block_upload",
        "/shops/long/blocks/upload/",
        who="owner of two",
        do=(write(pasted="010-9999-0001 대성주류\n02-123-4567\n1.01E+09"), press("모두 차단하기")),
    ),
    owners("accounts:people", "/shops/{shop}/people/"),
    owners("accounts:people", "/shops/long/people/", who="owner of two"),
    owners("accounts:people", "/shops/{shop}/people/", do=(write(mobile="02-123"), press("더하고 문자 보내기"))),
    owners("accounts:people", "/shops/{colleagues}/people/", who="colleague"),
    owners("accounts:staff_acts", "/shops/long/staff/", who="owner of two"),
    owners("accounts:staff_acts", "/shops/long/staff/?mine=1", who="owner of two"),
    owners("accounts:staff_acts", "/shops/{shop}/staff/"),
    owners("accounts:staff_acts", "/shops/{colleagues}/staff/?mine=1", who="colleague"),
    owners("accounts:person_change", "/shops/long/people/9001/", who="owner of two"),
    owners("accounts:person_remove", "/shops/long/people/9001/remove/", who="owner of two"),
]  # fmt: skip

_SETTINGS: Final = [
    owners("messaging:settings", "/shops/long/settings/", who="owner of two"),
    owners("messaging:settings", "/shops/{shop}/settings/"),
    owners("messaging:settings", "/shops/resting/settings/", who="owner of two"),
    owners("messaging:rules", "/shops/{shop}/settings/rules/"),
    owners("messaging:rules", "/shops/{colleagues}/settings/rules/", who="colleague"),
    owners("messaging:notifications", "/shops/{shop}/settings/notifications/"),
    owners("messaging:notifications", "/shops/{colleagues}/settings/notifications/", who="colleague"),
    owners("messaging:sending_off", "/shops/{shop}/sending/off/"),
    owners("messaging:settings", "/shops/{colleagues}/settings/", who="colleague"),
]  # fmt: skip

_PLAN: Final = [
    owners("billing:plan", "/shops/long/plan/", who="owner of two"),
    owners("billing:plan", "/shops/resting/plan/", who="owner of two"),
    owners("billing:plan", "/shops/quitting/plan/", who="owner of two"),
    owners("billing:plan", "/shops/pausing/plan/", who="owner of two"),
    owners("billing:plan", "/shops/stopped/plan/", who="owner of two"),
    owners("billing:plan_change", "/shops/long/plan/change/", who="owner of two"),
    owners("billing:plan_change", "/shops/long/plan/change/?ask=raise", who="owner of two"),
    owners("billing:plan_change", "/shops/long/plan/change/?ask=pack", who="owner of two"),
    owners("billing:plan_change", "/shops/long/plan/change/?ask=events", who="owner of two"),
    owners("billing:plan_change", "/shops/long/plan/change/?ask=shop", who="owner of two"),
    owners("billing:plan_change", "/shops/long/plan/change/?ask=parts", who="owner of two"),
    owners("billing:plan_change", "/shops/resting/plan/change/?kind=bundled&bundle=assistant_pack", who="owner of two", status=422),
    owners("billing:plan_change", "/shops/long/plan/change/?kind=committed&term=36", who="owner of two"),
    owners("billing:plan_change", "/shops/long/plan/change/?kind=commitment_left", who="owner of two"),
    owners("billing:plan_change", "/shops/resting/plan/change/?kind=unbundled", who="owner of two"),
    owners("billing:plan_change", "/shops/quitting/plan/change/", who="owner of two", status=422),
    owners("billing:plan_leave", "/shops/long/plan/leave/", who="owner of two"),
    owners("billing:plan_leave", "/shops/resting/plan/leave/", who="owner of two"),
    owners("billing:plan_leave", "/shops/long/plan/leave/?last=nonsense", who="owner of two", status=422),
    owners("billing:plan_leave", "/shops/long/plan/leave/", who="owner of two", do=(
        lambda page: page.get_by_role("main").get_by_role("button", name="이번 달 말일").click(), lambda page: page.wait_for_load_state(),
    )),
    owners("billing:refer", "/shops/long/refer/", who="owner of two"),
    owners("billing:refer", "/shops/resting/refer/", who="owner of two"),
    owners("billing:refer", "/shops/stopped/refer/", who="owner of two"),
    Visit("(403)", "/shops/{colleagues}/plan/", who="colleague", status=403),
]  # fmt: skip

_BILLS: Final = [
    owners("billing:bills", "/shops/long/bills/", who="owner of two"),
    owners("billing:bills", "/shops/long/bills/?page=2", who="owner of two"),
    owners("billing:bills", "/shops/long/bills/", who="owner of two", do=(write(q="없는말"), press("찾기"))),
    owners("billing:bills", "/shops/resting/bills/", who="owner of two"),
    owners("billing:bill", "/shops/long/bills/{bill}/", who="owner of two"),
    owners("billing:bill", "/shops/long/bills/N202601-009001/", who="owner of two"),
    owners("billing:bill_receipt", "/shops/long/bills/{bill}/receipt/", who="owner of two"),
    owners("billing:bill_receipt", "/shops/long/bills/N202601-009001/receipt/", who="owner of two"),
    agents("billing:staff_bill", "/billing/bills/{bill}/"),
    staff("billing:staff_bill", "/billing/bills/N202601-009001/"),
    Visit("(403)", "/shops/{colleagues}/bills/", who="colleague", status=403),
]  # fmt: skip

_PAY: Final = [
    owners("billing:pay", "/shops/long/pay/", who="owner of two"),
    owners("billing:pay", "/shops/resting/pay/", who="owner of two"),
    owners("billing:pay", "/shops/stopped/pay/", who="owner of two"),
    owners("billing:pay_card", "/shops/long/pay/card/", who="owner of two"),
    owners("billing:pay_card_back", "/shops/long/pay/card/back/?customerKey=of-nobody&authKey=none", who="owner of two", status=400),
    owners("billing:pay_card_failed", "/shops/long/pay/card/failed/?code=PAY_PROCESS_CANCELED", who="owner of two"),
    owners("billing:pay_card_remove", "/shops/long/pay/card/remove/", who="owner of two"),
    owners("billing:pay_now", "/shops/quitting/pay/now/", who="owner of two"),
    owners("billing:pay", "/shops/quitting/pay/", who="owner of two"),
    owners("billing:pay_charge", "/shops/quitting/pay/charges/9001/", who="owner of two"),
    owners("billing:pay_charge", "/shops/quitting/pay/charges/9002/", who="owner of two"),
    owners("billing:pay_charge", "/shops/long/pay/charges/9003/", who="owner of two"),
    owners("billing:pay_tax", "/shops/long/pay/tax/", who="owner of two"),
    owners("billing:pay_tax", "/shops/long/pay/tax/", who="owner of two", do=(write(tax_name=" ", tax_email="nobody"), press("적어 두기")), status=422),
    staff("billing:charges", "/billing/charges/"),
    staff("billing:charge_close", "/billing/charges/9003/close/"),
    staff("billing:charge_close", "/billing/charges/9003/close/", do=(press("끝내기"),), status=422),
    staff("billing:card_refund", "/billing/charges/9002/refund/"),
    staff("billing:card_refund", "/billing/charges/9002/refund/", do=(press("카드로 돌려주기"),), status=422),
    Visit("(403)", "/shops/{colleagues}/pay/", who="colleague", status=403),
]  # fmt: skip

_UNPAID: Final = [
    staff("billing:runs", "/billing/runs/"),
    staff("billing:run_begin", "/billing/runs/begin/?month={month}"),
    staff("billing:run", "/billing/runs/9001/"),
    staff("billing:run", "/billing/runs/9001/", do=(write(words="없는말"), press("찾기"))),
    staff("billing:run", "/billing/runs/9002/"),
    staff("billing:unpaid", "/billing/unpaid/"),
    staff("billing:unpaid", "/billing/unpaid/?step=14"),
    staff("billing:unpaid", "/billing/unpaid/", do=(write(words="없는말"), press("찾기"))),
    staff("billing:unpaid_remind", "/billing/unpaid/long/remind/"),
    staff("billing:unpaid_hold", "/billing/unpaid/long/hold/"),
    staff("billing:unpaid_hold", "/billing/unpaid/long/hold/", do=(write(until="2020-01-01", reason=" "), press("정지 미루기"))),
]  # fmt: skip

_PRICES: Final = [
    staff("billing:prices", "/billing/prices/"),
    staff("billing:price_new", "/billing/prices/new/price/soho/"),
    staff("billing:price_new", "/billing/prices/new/price/soho/", do=(write(list_krw="-1", bundle_success_pack="", effective_from="2020-01-01"), press("미리 보기")), status=422),
    staff("billing:price_new", "/billing/prices/new/price/soho/", do=(write(list_krw="20,900", effective_from=_NEXT_YEAR, source="공지"), press("미리 보기"))),
    staff("billing:price_new", "/billing/prices/new/plan/pro/"),
    staff("billing:price_new", "/billing/prices/new/usage/town_tv/"),
    staff("billing:price_bands", "/billing/prices/new/bands/"),
    staff("billing:price_bands", "/billing/prices/new/bands/", do=(write(term_24="1~3개월 95%", source="공지"), press("미리 보기")), status=422),
    staff("billing:price_bands", "/billing/prices/new/bands/", do=(write(effective_from=_NEXT_YEAR, term_12="1~12개월 50%", source="공지"), press("미리 보기"))),
    staff("billing:price_withdraw", "/billing/prices/9001/withdraw/"),
    staff("billing:fees", "/billing/prices/fees/"),
    staff("billing:fees", "/billing/prices/fees/", do=(write(words="없는말"), press("찾기"))),
    staff("billing:fees_of", "/billing/prices/fees/9001/"),
    staff("billing:fees_of", "/billing/prices/fees/9001/", do=(press("미리 보기"),), status=422),
    staff("billing:fees_of", "/billing/prices/fees/9001/", do=(write(won="7", effective_from=_NEXT_YEAR), press("미리 보기"))),
]  # fmt: skip

_ADJUSTMENTS: Final = [
    staff("billing:adjustments", "/billing/adjustments/"),
    staff("billing:adjustments", "/billing/adjustments/?state=rejected"),
    staff("billing:adjustments", "/billing/adjustments/", do=(write(words="없는말"), press("찾기"))),
    staff("billing:adjustment", "/billing/adjustments/9001/"),
    staff("billing:adjustment", "/billing/adjustments/9002/"),
    staff("billing:adjustment", "/billing/adjustments/9003/"),
    staff("billing:adjustment", "/billing/adjustments/9001/", do=(press("이 이유로 반려"),), status=422),
    staff("billing:adjustment_new", "/billing/adjustments/new/"),
    staff("billing:adjustment_new", "/billing/adjustments/new/", do=(write(words="집"), press("찾기"))),
    staff("billing:adjustment_new", "/billing/adjustments/new/?shop=long"),
    staff("billing:adjustment_new", "/billing/adjustments/new/?shop=long", do=(press("미리 보기"),), status=422),
    staff("billing:adjustment_new", "/billing/adjustments/new/?shop=long", do=(
        lambda page: page.locator("[name=way]").first.check(), write(amount="60,000", reason="점검으로 쉬어서 돌려드려요"), press("미리 보기"),
    )),
]  # fmt: skip

_STAFF: Final = [
    Visit("accounts:staff_login", "/staff/login/"),
    Visit("accounts:staff_login", "/staff/login/", do=(press("로그인"),)),
    staff("home:operator", "/ops/"),
    staff("home:styleguide", "/styleguide/"),
    staff("accounts:staff_numbers", "/staff/numbers/"),
    staff("accounts:staff_numbers", "/staff/numbers/", do=(write(query="김"), press("찾기"))),
    staff("accounts:staff_number", "/staff/numbers/{owner}/"),
    staff("accounts:staff_link", "/staff/numbers/{owner}/link/?shop={shop}"),
    staff(
        "accounts:staff_number",
        "/staff/numbers/{owner}/",
        do=(write(mobile="010-0888-0001", proof="사업자등록증과 신분증 대조"), press("다음")),
    ),
]  # fmt: skip

_RECORD: Final = [
    agents("eligibility:activation", "/applications/9101/"),
    agents("eligibility:activation", "/applications/9001/"),
    agents("eligibility:activation", "/applications/9002/?history=2"),
    producers("eligibility:activation", "/applications/9201/"),
    staff("eligibility:activation", "/applications/9201/"),
    staff("eligibility:activation", "/applications/9202/?history=99"),
    agents("eligibility:activate", "/applications/9101/activate/"),
    agents("eligibility:activate_first", "/applications/9101/first/"),
    agents("eligibility:withdraw", "/applications/9101/withdraw/", do=(press("접수 취소"),)),
    agents("eligibility:reopen", "/applications/9003/reopen/"),
    staff("eligibility:correct", "/applications/9201/correct/"),
    staff("eligibility:correct", "/applications/9201/correct/", do=(write(shop_name="가게😀", reason="오타"), press("다음"))),
    staff("eligibility:correct", "/applications/9201/correct/", do=(write(shop_name="콩나물국밥 망원역점", reason="간판과 다름"), press("다음"))),
    staff("eligibility:transfer", "/applications/9201/transfer/", do=(press("다음"),)),
    staff("eligibility:transfer", "/applications/9201/transfer/", do=(
        write(name="박새롬", mobile="010-0777-0009", proof="바뀐 사업자등록증과 신분증 확인"), press("다음"),
    )),
    staff("eligibility:close", "/applications/9201/close/"),
    staff("eligibility:funnel", "/funnel/"),
    staff("eligibility:funnel", "/funnel/?first=2020-01-01&last=2020-01-31"),
    staff("eligibility:funnel", "/funnel/?first=2020-01-31&last=2020-01-01"),
]  # fmt: skip

_PAPERS: Final = [
    dealers("eligibility:dealer", "/dealer/"),
    dealers("eligibility:dealer", "/dealer/?q=없는+가게"),
    dealers("eligibility:dealer_form", "/dealer/{paper_form}/"),
    dealers("eligibility:dealer_form", "/dealer/{paper_form}/", do=(press("접수"),), status=422),
    dealers("eligibility:dealer_form", "/dealer/{paper_form}/", do=(press("서류 올리기"),)),
    dealers("eligibility:dealer_form", "/dealer/{paper_done}/"),
    dealers("eligibility:dealer_form", "/dealer/{paper_over}/"),
    dealers("eligibility:dealer_withdraw", "/dealer/{paper_done}/withdraw/"),
    dealers("eligibility:document", "/documents/{paper}/?next=/dealer/{paper_done}/"),
    dealers("eligibility:document", "/documents/{paper}/", do=(write(reason="확인"), press("내려받기")), status=422),
    staff("eligibility:certificates", "/certificates/"),
    staff("eligibility:certificate", "/certificates/{paper_text}/"),
    staff("eligibility:certificate", "/certificates/{paper_scan}/"),
    staff("eligibility:certificate", "/certificates/{paper_scan}/", do=(press("이 이유로 반려"),)),
    staff("eligibility:certificate", "/certificates/{paper_judged}/"),
]  # fmt: skip

_PRODUCTION: Final = [
    producers("eligibility:production", "/production/"),
    producers("eligibility:production", "/production/?part=active"),
    producers("eligibility:production", "/production/", do=(write(words="없는가게"), press("찾기"))),
    producers("eligibility:production_work", "/production/{making}/"),
    producers("eligibility:production_work", "/production/{changes}/"),
    producers("eligibility:production_work", "/production/9101/"),
    producers("eligibility:production_call", "/production/{making}/", do=(press("기록하기"),), status=422),
    producers("eligibility:production_first", "/production/9101/first/"),
    staff("eligibility:production", "/production/?part=make"),
]  # fmt: skip

_MONEY_FILES: Final = [
    staff("billing:bank", "/billing/bank/"),
    staff("billing:bank", "/billing/bank/?part=matched"),
    staff("billing:bank", "/billing/bank/?import=1"),
    staff("billing:bank", "/billing/bank/", do=(press("올리기"),), status=422),
    staff("billing:bank", "/billing/bank/", do=(write(words="아무도 아님"), press("찾기"))),
    staff("billing:bank_line", "/billing/bank/lines/9001/"),
    staff("billing:bank_line", "/billing/bank/lines/9001/", do=(write(words="집"), press("찾기"))),
    staff("billing:bank_line", "/billing/bank/lines/9001/", do=(press("따로 두기"),), status=422),
    staff("billing:bank_line", "/billing/bank/lines/9002/"),
    staff("billing:bank_line", "/billing/bank/lines/9003/"),
    staff("billing:phone_bill", "/billing/phone-bill/"),
    staff("billing:phone_bill_month", "/billing/phone-bill/9001/"),
    staff("billing:phone_bill_month", "/billing/phone-bill/9001/?part=paid"),
    staff("billing:phone_bill_month", "/billing/phone-bill/9001/", do=(press("올리기"),), status=422),
    staff("billing:tax", "/billing/tax/"),
    staff("billing:tax", "/billing/tax/?state=nothing"),
    staff("billing:tax", "/billing/tax/", do=(write(words="없는말"), press("찾기"))),
    staff("billing:tax_file", "/billing/tax/files/2026-01-001/"),
    staff("billing:tax_file", "/billing/tax/files/2026-01-001/", do=(write(pasted="승인번호 아님"), press("승인번호 적기")), status=422),
    staff("billing:tax_correct", "/billing/tax/invoices/9001/correct/"),
    staff("billing:tax_corrections", "/billing/tax/corrections/"),
    staff("billing:reports", "/billing/reports/"),
    staff("billing:reports", "/billing/reports/?month=2020-01"),
]  # fmt: skip

_ACCOUNTS: Final = [
    agents("billing:shops", "/billing/"),
    staff("billing:shops", "/billing/"),
    agents("billing:shops", "/billing/", do=(write(words="없는말"), press("찾기"))),
    agents("billing:account", "/billing/shops/long/"),
    staff("billing:account", "/billing/shops/quitting/"),
    agents("billing:account", "/billing/shops/pausing/"),
    agents("billing:quote", "/billing/shops/long/quote/?kind=committed&term=36"),
    agents("billing:quote", "/billing/shops/long/quote/?kind=cancelled&until=2020-01-01", status=422),
    Visit("billing:offer", "/change/open/"),
    Visit("billing:offer", "/change/withdrawn/", status=410),
    Visit("billing:offer", "/change/never-was/", status=404),
]  # fmt: skip

VISITS: Final = [
    *_MONEY_FILES, *_UNPAID, *_PRICES, *_ADJUSTMENTS, *_ACCOUNTS,
    *_PUBLIC, *_JOIN, *_CALLER, *_REVIEW, *_HOMEPAGE, *_DESK, *_START, *_PROMO, *_DELEGATED, *_CALLS, *_SHOP, *_PEOPLE, *_SETTINGS, *_PLAN, *_BILLS, *_PRODUCTION, *_RECORD, *_PAY, *_STAFF, *_PAPERS,
]  # fmt: skip
