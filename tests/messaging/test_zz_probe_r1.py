import pytest
from django.test import Client
from django.utils import timezone
from datetime import timedelta
from tests.messaging.owner_page import stage
from tests.factories.messaging import promo_version, sent_call, message_of, call_end
from shopmsg.core.clock import kst_day
pytestmark = pytest.mark.django_db
BAD = ["\x00", "\x00"*6, "가"*10000, "9"*5000, "9"*18, "-1", "\u202e", "😀", "\ufffe", "0001-01-01", "9999-12-31", "2026-13-40", "<script>", "' or 1=1", "１２３４５６", "1e9", "inf", "\r\nX: y", "%s{0}"]
def test_probe():
    at = stage()
    promo_version(at.shop, kind="coupon", live=True, details={"benefit":"b"}, ends_on=kst_day(timezone.now())+timedelta(days=3))
    m = message_of(sent_call(at.shop, caller="01012345678"))
    at.owner.raise_request_exception = False
    at.colleague.raise_request_exception = False
    bad = []
    gets = {"promo/versions/": ["words","before"], "calls/": ["show","first","last","reason","search","before"], "numbers/": ["week"], "coupons/": ["code","before"], "calls/export/": [], "promo/versions/1/": []}
    posts = {"coupons/use/": ["code","action"], "calls/export/": ["first","last","numbers","why","other"], "calls/": ["last4"], "promo/versions/1/": ["to"]}
    base = {"calls/export/": {"first": str(kst_day(timezone.now())), "last": str(kst_day(timezone.now())), "numbers":"whole","why":"other","other":"x"}}
    for v in BAD:
        for p, names in gets.items():
            for n in names:
                r = at.owner.get(at.url(p), {n: v}); 
                if r.status_code >= 500: bad.append(("GET",p,n,v[:20],r.status_code))
        for p, names in posts.items():
            for n in names:
                r = at.owner.post(at.url(p), {**base.get(p,{}), n: v})
                if r.status_code >= 500: bad.append(("POST",p,n,v[:20],r.status_code))
        c = Client(raise_request_exception=False)
        r = c.post("/real/", {"link": v})
        if r.status_code >= 500: bad.append(("real", v[:20]))
        for ck in ("coupon_%d" % at.shop.pk, "sessionid", "csrftoken"):
            c2 = Client(raise_request_exception=False); c2.cookies[ck] = v[:200].replace("\r\n","")
            for u in (f"/s/{at.shop.slug}/coupon", f"/m/{m.token}/coupon", f"/m/{m.token}"):
                r = c2.get(u)
                if r.status_code >= 500: bad.append(("cookie",ck,u, v[:20]))
        from urllib.parse import quote
        q = quote(v[:200], safe="")
        for u in (f"/in/{q}/", f"/m/{q}", f"/m/{q}/coupon", f"/s/{q}", f"/shops/{q}/numbers/", f"/shops/{at.shop.slug}/calls/{q}/", f"/shops/{at.shop.slug}/promo/versions/{q}/", f"/staff/numbers/{q}/link/"):
            for meth in ("get","head","options","post"):
                for cl in (c, at.owner):
                    r = getattr(cl, meth)(u)
                    if r.status_code >= 500: bad.append((meth,u[:60]))
        for h in ("Sec-Purpose","User-Agent","Sec-Fetch-Dest","X-Forwarded-For","If-None-Match","If-Modified-Since","Accept-Language"):
            hv = v[:3000].replace("\r\n","")
            for u in (f"/m/{m.token}", f"/s/{at.shop.slug}"):
                r = Client(raise_request_exception=False).get(u, headers={h: hv})
                if r.status_code >= 500: bad.append(("hdr",h,u,v[:20]))
    # viewers and strangers
    for p in posts:
        r = at.stranger.post(at.url(p), base.get(p,{}))
        print("stranger", p, r.status_code)
        r = at.colleague.post(at.url(p), base.get(p,{}))
        print("viewer", p, r.status_code)
    for p in gets:
        print("stranger", p, at.stranger.get(at.url(p)).status_code, at.stranger.head(at.url(p)).status_code, Client().get(at.url(p)).status_code)
    for b in bad: print("BAD", b)
    print("N", len(bad))
    assert 0
