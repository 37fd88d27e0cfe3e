"""서류: added on whatever page shows an application, opened only with a reason."""

from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render, resolve_url
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from eligibility import documents
from eligibility.enums import DocumentKind, DocumentState
from eligibility.models import Application, Document
from eligibility.papers.errors import MOST_BYTES, DocumentRefused
from messaging.upload_cap import files_up_to
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import format_day, format_moment, kst_day

#: A browser that shows it nevertheless runs nothing in it and fetches nothing for it.
_LOCKED: Final = "sandbox; default-src 'none'"
_STATUSES: Final = {"too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "busy": 503, "storage_down": 503}
_TONES: Final = {
    DocumentState.KEPT: "waiting",
    DocumentState.ACCEPTED: "sent",
    DocumentState.REJECTED: "failed",
    DocumentState.DELETED: "skipped",
}


def context_of(request: HttpRequest, application: Application) -> dict[str, Any]:
    """What eligibility/_documents.html needs of an application that whoever asks may see. The page's head takes
    css/documents.css and js/documents.js, a module."""
    user = user_of(request)
    rows = list(documents.of(application)) if user.role != Role.PRODUCER else []
    here = {row.kind for row in rows if row.state in (DocumentState.KEPT, DocumentState.ACCEPTED)}
    return {
        "application": application,
        "documents": [(row, _TONES[DocumentState(row.state)]) for row in rows],
        "may_add": documents.may_add(user, application),
        "may_see_documents": user.role != Role.PRODUCER,
        "document_kinds": DocumentKind.choices,
        "document_kind_next": next((kind for kind in DocumentKind.values if kind not in here), ""),
        "document_most_bytes": MOST_BYTES,
        "documents_next": _asked_next(request) or request.get_full_path(),
    }


@files_up_to(MOST_BYTES)
@never_cache
@staff_required(Role.AGENT, Role.ADMIN, Role.DEALER)
@require_POST
def document_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep `file` as a `kind` of document. For a script: {"html": the list anew}, or {"error": {"code", "message"}}; for
    a plain form: back to `next`, with what became of it."""
    user = user_of(request)
    application = get_object_or_404(Application.objects.visible_to(user), pk=pk)
    try:
        upload = request.FILES.get("file")
        kind = request.POST.get("kind", "")
        if upload is None:
            raise DocumentRefused("no_file", "올릴 파일을 골라 주세요.")
        if kind not in DocumentKind.values:
            raise DocumentRefused("no_kind", "무슨 서류인지 골라 주세요.")
        documents.add(
            application.pk,
            upload,
            kind=DocumentKind(kind),
            by=user,
            now=timezone.now(),
            address=audit.address_of(request),
        )
    except DocumentRefused as refused:
        if _from_script(request):
            status = _STATUSES.get(refused.code, HTTPStatus.UNPROCESSABLE_ENTITY)
            return JsonResponse({"error": {"code": refused.code, "message": refused.message}}, status=status)
        messages.error(request, refused.message)
        return HttpResponseRedirect(_next(request))
    if _from_script(request):
        html = render_to_string(
            "eligibility/_document_list.html", context_of(request, application), request=request
        )
        return JsonResponse({"html": html})
    messages.success(request, "서류를 올렸습니다.")
    return HttpResponseRedirect(_next(request))


@never_cache
@staff_required(Role.AGENT, Role.ADMIN, Role.DEALER)
@require_http_methods(["GET", "HEAD", "POST"])
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks why, then hands the file out. Documents of others, and those nobody may see, are not there (404)."""
    user = user_of(request)
    found = get_object_or_404(
        documents.visible_to(user).select_related("application__shop", "uploaded_by"), pk=pk
    )
    if found.deleted_at is not None:
        raise Http404
    error = ""
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            file = documents.open_document(found, by=user, reason=reason, address=audit.address_of(request))
        except DocumentRefused as refused:
            error = refused.message
        else:
            # The door (accounts.access) knows pages; a streamed file goes through it all the same.
            return cast(HttpResponse, _download(found, file))
    context = {
        "document": found,
        "facts": _facts(found),
        "error": error,
        "typed": request.POST.get("reason", ""),
        "back": _next(request),
    }
    return render(request, "eligibility/document.html", context, status=422 if error else 200)


def _facts(found: Document) -> list[tuple[str, str]]:
    application = found.application
    by = f" · {found.uploaded_by.name}" if found.uploaded_by else ""
    facts = [
        ("신청", f"{application.shop_name or '이름 없음'} · {application.pk}번"),
        ("파일", found.original_name),
        ("올림", f"{format_moment(found.uploaded_at)}{by}"),
    ]
    if found.delete_after:
        day = kst_day(found.delete_after)
        facts.append(("삭제 예정", f"{day.year}년 {format_day(day)}"))
    return facts


def _download(document: Document, file: Any) -> FileResponse:
    response = FileResponse(file, content_type=document.content_type)
    # Django would send a name outside Latin-1 in this one form only; older downloads managers read the first.
    ending = document.original_name.rpartition(".")[2]
    response["Content-Disposition"] = (
        f"attachment; filename=\"document-{document.pk}.{ending}\"; filename*=UTF-8''{quote(document.original_name)}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    response["Content-Security-Policy"] = _LOCKED
    return response


def _next(request: HttpRequest) -> str:
    """Where the form stands, or the start page."""
    return _asked_next(request) or resolve_url(settings.LOGIN_REDIRECT_URL)


def _asked_next(request: HttpRequest) -> str:
    """An address of ours that was asked for, "" for none."""
    asked = request.POST.get("next", "") or request.GET.get("next", "")
    return asked if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, None) else ""


def _from_script(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
