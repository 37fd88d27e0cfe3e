"""What every page may need: a person's number."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    return {"help_phone": settings.HELP_PHONE}
