"""서류: what proves something of an application: taken in, given out, judged.

Files lie under random names in the documents' own storage, outside everything that has an address. Lock order: the
application, its document, the line, and the audit log last.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Any, Final

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import QuerySet

from eligibility import document_checks, trail
from eligibility.document_terms import FOLDER, delete_due, set_terms, term_of
from eligibility.enums import ApplicationState, DocumentKind, DocumentState
from eligibility.models import Application, Document
from eligibility.models.document import document_storage
from eligibility.papers import reading
from eligibility.papers.errors import MOST_BYTES, DocumentRefused
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Line, User

__all__ = [
    "accept", "add", "delete_due", "may_add", "of", "open_document", "reject", "set_terms", "shown", "take_back",
    "visible_to",
]  # fmt: skip

MOST: Final = 10
SHORTEST_REASON: Final = 5
_OVER: Final = frozenset({ApplicationState.REFUSED, ApplicationState.WITHDRAWN})


def visible_to(user: User) -> QuerySet[Document]:
    """The documents somebody may ask for: agents and admins all, dealers those of their applications, producers none."""
    if user.role == Role.PRODUCER:
        return Document.objects.none()
    return Document.objects.filter(application__in=Application.objects.visible_to(user))


def of(application: Application) -> QuerySet[Document]:
    """The application's documents, oldest first, those past their term included."""
    return application.documents.select_related("uploaded_by", "decided_by").order_by("pk")


def may_add(user: User, application: Application) -> bool:
    """Whether this person, who may see the application, may add documents to it."""
    return user.role != Role.PRODUCER and application.state not in _OVER


def add(
    application_id: int,
    upload: "File[Any]",
    *,
    kind: DocumentKind,
    by: User | None,
    now: datetime,
    address: str | None,
) -> Document:
    """Keep a PDF, JPEG or PNG of ≤ 10 MB. A picture is written anew; a PDF that names another business (사업자등록증, 매출
    증빙) or another line (이용증명원) is refused, what cannot be read is for a person. Audited.

    Raises DocumentRefused. Reading takes up to a second: call it outside transactions.
    """
    paper = reading.read(upload.read(MOST_BYTES + 1))
    digest = hashlib.sha256(paper.content).hexdigest()
    try:
        stored = document_storage().save(
            f"{FOLDER}/{secrets.token_hex(16)}.{reading.ENDINGS[paper.content_type]}",
            ContentFile(paper.content),
        )
    except OSError as error:
        raise DocumentRefused(
            "storage_down", "지금은 서류를 보관할 수 없습니다. 잠시 뒤에 다시 올려 주세요."
        ) from error
    try:
        with transaction.atomic():
            application = _locked(application_id)
            _judge_place(application, digest)
            document = Document.objects.create(
                application=application,
                kind=kind,
                file=stored,
                original_name=document_checks.shown_name(upload.name, paper),
                content_type=paper.content_type,
                size=len(paper.content),
                sha256=digest,
                pages=paper.pages,
                business_number=document_checks.number_named(application, kind, paper.text),
                uploaded_by=by,
                uploaded_at=now,
                delete_after=term_of(application),
            )
            _record("document.added", document, by=by, address=address)
    except BaseException:
        document_storage().delete(stored)
        raise
    return document


def open_document(document: Document, *, by: User, reason: str, address: str | None) -> "File[Any]":
    """The file, open for reading. Whoever opens one says why; audited before a byte of it leaves.

    Raises DocumentRefused: "no_reason" under five characters, "gone" past its term, "storage_down".
    """
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise DocumentRefused(
            "no_reason", f"왜 여는지 {SHORTEST_REASON}자 이상으로 적어 주세요. 감사 기록에 남습니다."
        )
    file = content_of(document)
    _record("document.opened", document, by=by, address=address, reason=reason[:200])
    return file


def content_of(document: Document) -> "File[Any]":
    """The file, open for reading, for pages that say by `shown` who looked. Raises DocumentRefused("gone",
    "storage_down")."""
    if document.deleted_at is not None:
        raise DocumentRefused("gone", "보관 기한이 지나 지운 서류입니다.")
    try:
        return document_storage().open(document.file.name)
    except FileNotFoundError:
        raise DocumentRefused("gone", "보관해 둔 파일이 없습니다. 서류를 다시 받아 주세요.") from None
    except OSError as error:
        raise DocumentRefused(
            "storage_down", "지금은 서류를 읽을 수 없습니다. 잠시 뒤에 다시 열어 주세요."
        ) from error


def shown(document: Document, *, by: User, reason: str, address: str | None) -> None:
    """Somebody has the document before them on a page of ours."""
    _record("document.shown", document, by=by, address=address, reason=reason)


def accept(document_id: int, *, by: User, address: str | None, now: datetime) -> Document:
    """승인. A 통신서비스 이용증명원 makes the application's line a sender number from now on (rules.md §8); whoever calls wakes
    the activation on commit. Accepted twice is accepted once.

    Raises DocumentRefused("wrong_state") for what was rejected or deleted, and for a line nobody has registered yet.
    """
    with transaction.atomic():
        document = _locked_document(document_id)
        if document.state == DocumentState.ACCEPTED:
            return document
        _only_from(document, DocumentState.KEPT)
        if document.kind == DocumentKind.LINE:
            line = _line(document.application)
            if line is None:
                raise DocumentRefused("wrong_state", "접수된 신청의 매장 전화만 승인할 수 있습니다.")
            line.sender_accepted_at = line.sender_accepted_at or now
            line.save(update_fields=["sender_accepted_at"])
        _decide(document, DocumentState.ACCEPTED, "", by, now)
        _record("document.accepted", document, by=by, address=address)
    return document


def reject(document_id: int, reason: str, *, by: User, address: str | None, now: datetime) -> Document:
    """반려, with why. Raises DocumentRefused: "no_reason", "wrong_state" for what is not waiting."""
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise DocumentRefused("no_reason", "반려하는 이유를 고르거나 적어 주세요.")
    with transaction.atomic():
        document = _locked_document(document_id)
        _only_from(document, DocumentState.KEPT)
        _decide(document, DocumentState.REJECTED, reason, by, now)
        _record("document.rejected", document, by=by, address=address, reason=reason)
    return document


def take_back(document_id: int, *, by: User, address: str | None) -> Document:
    """되돌리기: undecided again. A line that no other accepted certificate speaks for is no sender number any more, and
    nothing is sent from it. Raises DocumentRefused("wrong_state")."""
    with transaction.atomic():
        document = _locked_document(document_id)
        _only_from(document, DocumentState.ACCEPTED, DocumentState.REJECTED)
        was = document.state
        _decide(document, DocumentState.KEPT, "", None, None)
        accepted = Document.objects.filter(
            application_id=document.application_id, kind=DocumentKind.LINE, state=DocumentState.ACCEPTED
        )
        line = _line(document.application)
        if document.kind == DocumentKind.LINE and line is not None and not accepted.exists():
            line.sender_accepted_at = None
            line.save(update_fields=["sender_accepted_at"])
        _record("document.taken_back", document, by=by, address=address, was=was)
    return document


def _judge_place(application: Application, digest: str) -> None:
    if application.state in _OVER:
        raise DocumentRefused("wrong_state", "끝난 신청에는 서류를 더할 수 없습니다.")
    kept = application.documents.filter(deleted_at__isnull=True)
    if kept.filter(sha256=digest).exists():
        raise DocumentRefused("same_file", "이미 올린 파일입니다. 다른 파일을 골라 주세요.")
    if kept.count() >= MOST:
        raise DocumentRefused("too_many", f"서류는 한 신청에 {MOST}개까지입니다.")


def _locked(application_id: int) -> Application:
    rows = Application.objects.select_for_update(of=("self",), no_key=True).select_related("shop")
    return rows.get(pk=application_id)


def _locked_document(document_id: int) -> Document:
    application = _locked(Document.objects.values_list("application_id", flat=True).get(pk=document_id))
    document = Document.objects.select_for_update(of=("self",)).get(pk=document_id)
    document.application = application
    return document


def _only_from(document: Document, *states: DocumentState) -> None:
    if document.state not in states:
        raise DocumentRefused("wrong_state", f"이미 처리한 서류입니다: {document.get_state_display()}")


def _decide(
    document: Document, state: DocumentState, verdict: str, by: User | None, at: datetime | None
) -> None:
    document.state, document.verdict, document.decided_by, document.decided_at = state, verdict, by, at
    document.save(update_fields=["state", "verdict", "decided_by", "decided_at"])


def _line(application: Application) -> Line | None:
    if application.shop is None:
        return None
    return application.shop.lines.select_for_update().filter(number=application.line_number).first()


def _record(
    action: str, document: Document, *, by: User | None, address: str | None, reason: str = "", **detail: Any
) -> None:
    told = {"document": document.pk, "kind": document.kind, **detail}
    trail.record(document.application, action, by=by, address=address, reason=reason, **told)
