"""What makes the portal an app on a phone: the manifest, the service worker, and the page it keeps for lost connections.

The worker keeps that one page with its style and icon and nothing else: what owners see comes from the server or not at
all.
"""

import json
from hashlib import sha256
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

#: Of the light theme in static/css/tokens.css: the header's ground, and the paper shown while the app opens.
THEME: Final = "#ffffff"
PAPER: Final = "#f6f8f6"
_ICONS: Final = (
    ("img/icon-192.png", 192, "any"),
    ("img/icon-512.png", 512, "any"),
    ("img/icon-maskable-512.png", 512, "maskable"),
)
#: What templates/home/offline.html needs to look as it should.
_KEPT: Final = (
    "bootstrap/css/bootstrap-reboot.min.css",
    "bootstrap/css/bootstrap-grid.min.css",
    "css/tokens.css",
    "css/app.css",
    "img/mark.svg",
    "js/offline.js",
)


@require_safe
@cache_control(public=True, max_age=3_600)
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest: name, icons, and where the app opens."""
    described = {
        "id": "/",
        "name": "우리가게 문자",
        "short_name": "우리가게",
        "description": "통화가 끝나면 우리가게 홍보문자가 손님에게 가요.",
        "lang": "ko",
        "dir": "ltr",
        "start_url": reverse("home:start"),
        "scope": "/",
        "display": "standalone",
        "theme_color": THEME,
        "background_color": PAPER,
        "icons": [
            {"src": static(path), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for path, size, purpose in _ICONS
        ],
    }
    return JsonResponse(
        described, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False}
    )


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. Its version is made of what it keeps, so that browsers notice a new offline page."""
    page = reverse("home:offline")
    kept = [static(path) for path in _KEPT]
    version = sha256(render_to_string("home/offline.html").encode()).hexdigest()[:12]
    script = render_to_string(
        "home/sw.js", {"version": json.dumps(version), "page": json.dumps(page), "kept": json.dumps(kept)}
    )
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/"
    return response


@never_cache
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What a phone shows when it reaches nobody. Rendered without a request, so alike for all: it is kept."""
    return HttpResponse(render_to_string("home/offline.html"))
