"""Applications on paper, their documents and certificates, for the walk through all pages."""

import re
from typing import Final

from tests.browser.portal import Portal, run_inside

_ROWS: Final = """
import itertools
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from eligibility import applications, documents
from eligibility.enums import DocumentKind
from shopmsg.accounts.models import User
from tests.eligibility.papers import pdf, photograph
from tests.factories import eligibility as factory
from tests.factories.eligibility import application, received

# A process of its own begins to count again: its numbers must not be those of the others.
factory._serial = itertools.count(7001)
now = timezone.now()
dealer, admin = User.objects.get(mobile="01090000093"), User.objects.get(mobile="01090000099")
name = "가나다라" * 25 + ".pdf"

def add(made, kind, raw):
    return documents.add(made.pk, SimpleUploadedFile(name, raw), kind=DocumentKind(kind), by=dealer, now=now, address=None)

form = application(
    source="dealer", by=dealer, shop_name="우리 동네에서 가장 오래된 할머니 손맛 원조 서울식당 본점 옆 별관",
    business_number="124-81-00999", line_number="1234-5678", annual_revenue="많음", ksic="99999",
    bundle="success_pack", term_months="36", pack_internet="internet", line_owner="other",
)
done = received(source="dealer", by=dealer)
registration = add(done, "registration", pdf("x"))
documents.accept(registration.pk, by=admin, address=None, now=now)
revenue = add(done, "revenue", photograph(colour="#bbb"))
documents.reject(revenue.pk, "글자가 안 보입니다. " * 8, by=admin, address=None, now=now)
text = add(done, "line", pdf(done.line_number, *("subscriber: somebody else, 1-23 Mangwon-ro, Mapo-gu, Seoul " * 3,) * 20))
scan = add(received(source="dealer", by=dealer, line_owner="other", line_owner_name="나명의자"), "line", photograph())
judged = add(received(), "line", photograph(colour="#aaa"))
documents.reject(judged.pk, "발급한 지 오래되었습니다", by=admin, address=None, now=now)
over = application(source="dealer", by=dealer, ksic="62010", annual_revenue="12억")
applications.refuse(over.pk, by=dealer, address=None, now=now)
print("papers", form.pk, done.pk, over.pk, registration.pk, text.pk, scan.pk, judged.pk)
"""
_NAMES: Final = (
    "paper_form",
    "paper_done",
    "paper_over",
    "paper",
    "paper_text",
    "paper_scan",
    "paper_judged",
)


def places(portal: Portal) -> dict[str, str]:
    """What the visits' paths are filled in with."""
    found = re.search(r"papers((?: \d+)+)", run_inside(portal, _ROWS))
    assert found is not None
    return dict(zip(_NAMES, found[1].split(), strict=True))
