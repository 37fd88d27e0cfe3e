"""증명원 검토: one certificate a page, decided by one key, taken back by one more (ux.md: ≤ 20 s)."""

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from eligibility import activation, certificates, documents
from eligibility.enums import DocumentState
from eligibility.models import Document
from eligibility.papers import photo, reading
from eligibility.papers.errors import DocumentRefused
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core.keys import number_in

REASON: Final = "증명원 검토"
#: px of the picture in the page, and characters of a PDF's text.
_LONGEST: Final = 1_800
_MOST_TEXT: Final = 4_000


@never_cache
@staff_required(Role.ADMIN)
@require_safe
def certificates_next(request: HttpRequest) -> HttpResponse:
    """The certificate that has waited longest, or with `?after=` the one behind that; `?done=` names the one that was
    just decided."""
    after = number_in(request.GET.get("after", ""))
    found = certificates.next_after(after)
    done = number_in(request.GET.get("done", ""))
    if found is None:
        return render(request, "eligibility/certificates_none.html", {"done": _done(done)})
    return _page(request, found, done=done, index=True)


@never_cache
@staff_required(Role.ADMIN)
@require_safe
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """One certificate, decided or not."""
    return _page(request, get_object_or_404(certificates.of_kind(), pk=pk))


@never_cache
@staff_required(Role.ADMIN)
@require_safe
def certificate_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A photographed certificate, at the size of the page. Audited."""
    found = get_object_or_404(certificates.of_kind(), pk=pk, content_type=reading.JPEG)
    try:
        with documents.content_of(found) as file:
            jpeg = photo.smaller(file.read(), _LONGEST)
    except DocumentRefused:
        raise Http404 from None
    documents.shown(found, by=user_of(request), reason=REASON, address=audit.address_of(request))
    return HttpResponse(jpeg, content_type=reading.JPEG)


@never_cache
@staff_required(Role.ADMIN)
@require_POST
def certificate_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """승인, or 반려 with `reason` (a canned one) or `own` words; then the next one."""
    found = get_object_or_404(certificates.of_kind(), pk=pk)
    user, address, now = user_of(request), audit.address_of(request), timezone.now()
    try:
        if request.POST.get("verdict") == "accept":
            documents.accept(found.pk, by=user, address=address, now=now)
            # What waited for the sender number goes on; a lost attempt is made again by the task.
            activation.when_ready(found.application_id, now)
        else:
            reason = request.POST.get("reason", "") or request.POST.get("own", "")
            documents.reject(found.pk, reason, by=user, address=address, now=now)
    except DocumentRefused as refused:
        messages.error(request, refused.message)
        return redirect("eligibility:certificate", found.pk)
    return redirect(f"{reverse('eligibility:certificates')}?done={found.pk}")


@never_cache
@staff_required(Role.ADMIN)
@require_POST
def certificate_back(request: HttpRequest, pk: int) -> HttpResponse:
    """되돌리기: undecided again, and before the admin once more."""
    found = get_object_or_404(certificates.of_kind(), pk=pk)
    try:
        documents.take_back(found.pk, by=user_of(request), address=audit.address_of(request))
    except DocumentRefused as refused:
        messages.error(request, refused.message)
        return redirect("eligibility:certificate", found.pk)
    return redirect("eligibility:certificate", found.pk)


def _page(
    request: HttpRequest, found: Document, *, done: int | None = None, index: bool = False
) -> HttpResponse:
    ids = list(certificates.waiting().values_list("pk", flat=True))
    text, size, trouble = "", (0, 0), ""
    try:
        with documents.content_of(found) as file:
            raw = file.read()
        if found.content_type == reading.PDF:
            text = reading.read(raw).text.strip()
            documents.shown(found, by=user_of(request), reason=REASON, address=audit.address_of(request))
        else:
            size = photo.size_of(raw, _LONGEST)
    except DocumentRefused as refused:
        trouble = refused.message
    application = found.application
    context = {
        "document": found,
        "application": application,
        "points": certificates.points(application, text),
        "facts": certificates.facts(application),
        "text": text[:_MOST_TEXT],
        "is_pdf": found.content_type == reading.PDF,
        "size": size,
        "trouble": trouble,
        "waits": found.pk in ids,
        "decided": found.state in (DocumentState.ACCEPTED, DocumentState.REJECTED),
        "at": ids.index(found.pk) + 1 if found.pk in ids else 0,
        "waiting": len(ids),
        "canned": certificates.CANNED,
        "index": index,
        "done": _done(done),
        "open_reason": REASON,
    }
    return render(request, "eligibility/certificate.html", context)


def _done(pk: int | None) -> Document | None:
    """The certificate that was just decided, as long as it still is."""
    if pk is None:
        return None
    decided = [DocumentState.ACCEPTED, DocumentState.REJECTED]
    return certificates.of_kind().filter(pk=pk, state__in=decided).first()
