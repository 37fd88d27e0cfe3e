"""이 문자는 진짜인가요: who doubts a text types its link or code here, instead of pressing anything in it."""

import re
from datetime import timedelta
from typing import Final

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from messaging.links import read_token
from shopmsg.accounts import audit, throttle


class GenuineForm(forms.Form):
    """The link of a message as people copy it: whole, without https, or its last ten characters alone."""

    link = forms.CharField(
        label="문자에 있는 주소",
        max_length=300,
        help_text="주소 끝의 글자와 숫자 열 개만 적으셔도 돼요.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={
            "required": "문자에 있는 주소를 적어 주세요.",
            "max_length": "주소만 적어 주세요. 주소 끝의 글자와 숫자 열 개면 돼요.",
        },
    )

    def clean_link(self) -> str:
        token = read_token(str(self.cleaned_data["link"]))
        if token is None:
            raise forms.ValidationError(
                "저희가 보내는 주소가 아니에요. 저희 주소는 {}/m/ 다음에 글자와 숫자 열 개가 와요.".format(
                    re.sub(r"^https?://", "", settings.BASE_URL)
                ),
                code="not_ours",
            )
        return token


_TRIES: Final = 30


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def genuine(request: HttpRequest) -> HttpResponse:
    """A link or code we sent leads to the message's own page, which is the proof; anything else is told apart here."""
    form = GenuineForm(request.POST or None)
    address = audit.address_of(request)
    if request.method == "POST" and form.is_valid():
        if address and not throttle.allow(
            "genuine", throttle.network(address), capacity=_TRIES, per=timedelta(hours=1), now=timezone.now()
        ):
            form.add_error(None, "너무 여러 번 확인했어요. 몇 분 뒤에 다시 하거나 전화로 물어봐 주세요.")
            return render(request, "messaging/caller/genuine.html", {"form": form}, status=429)
        return redirect("messaging:message", form.cleaned_data["link"])
    refused = bool(form.errors) and form.has_error("link", "not_ours")
    return render(request, "messaging/caller/genuine.html", {"form": form, "refused": refused})
