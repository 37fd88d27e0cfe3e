"""The homepage for machines: schema.org's LocalBusiness, which search engines and maps read."""

import json
from datetime import datetime
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

from messaging.homepage.page import HomepageView
from shopmsg.core import phone
from shopmsg.core.clock import kst_day

#: What could end the script element, or begin another; JSON says the same with these.
_ESCAPES: Final = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def local_business(page: HomepageView, base_url: str, url: str, now: datetime) -> SafeString:
    """JSON for a `<script type="application/ld+json">`: safe inside it whatever the owner wrote."""
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "name": page.name,
        "url": url,
        "description": page.words,
        "telephone": phone.hyphenate(page.line),
        "image": f"{base_url}{page.promo.picture.full_url}" if page.promo and page.promo.picture else "",
        "openingHoursSpecification": page.hours.week.schema_org(kst_day(now)) if page.hours.week else "",
    }
    if page.address:
        facts["address"] = {
            "@type": "PostalAddress",
            "streetAddress": page.address,
            "addressCountry": "KR",
        }
    written = json.dumps({name: value for name, value in facts.items() if value}, ensure_ascii=False)
    return mark_safe(written.translate(_ESCAPES))  # noqa: S308 - escaped right here
