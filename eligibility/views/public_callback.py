"""전화 요청: a name, a number and a time; the desk calls."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from eligibility import online
from eligibility.choices import read_choice
from eligibility.models import Application
from eligibility.online import TooOften
from eligibility.views.public_forms import TRAP, CallForm, read_submission
from shopmsg.accounts import audit
from shopmsg.core.phone import mobile


@require_http_methods(["GET", "HEAD", "POST"])
def callback(request: HttpRequest) -> HttpResponse:
    """GET: the form, knowing what was chosen before. POST: the wish is on the desk's list."""
    posted = request.method == "POST"
    choice = read_choice(request.POST if posted else request.GET)
    form = CallForm(request.POST if posted else None, choice=choice)
    submission = read_submission(request.POST.get("submission", ""))
    status = 200
    if posted and request.POST.get(TRAP):
        form.add_error(None, "전화 요청을 받지 못했어요. 저희에게 전화해 주세요.")
    elif posted and form.is_valid():
        now, address = timezone.now(), audit.address_of(request)
        try:
            submission, before = online.sent_before(submission, form.typed())
            if before is None:
                online.allow_signup(mobile(form.cleaned_data["owner_mobile"]), address, now)
                with transaction.atomic():
                    before = online.ask_for_call(
                        form.typed(), submission=submission, address=address, now=now
                    )
            return redirect("eligibility:callback_wanted", before.submission)
        except TooOften as refused:
            form.add_error(None, refused.message)
            status = 429
    context = {"form": form, "choice": choice, "submission": submission, "trap": TRAP}
    return render(request, "eligibility/public/callback.html", context, status=status)


@never_cache
@require_safe
def wanted(request: HttpRequest, submission: str) -> HttpResponse:
    """전화드릴게요. Says nothing of anybody."""
    get_object_or_404(Application, submission=submission)
    return render(request, "eligibility/public/callback_wanted.html")
