"""발신번호 증명 검토: the certificates of lines that wait for an admin, one after another (rules.md §8)."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from eligibility.enums import DocumentKind, DocumentState, LineOwner
from eligibility.models import Application, Document
from eligibility.papers import numbers
from shopmsg.core import business_number, phone

#: 반려: what is wrong with nearly all that are rejected, in the order of their keys.
CANNED: Final = (
    "명의가 다릅니다",
    "번호가 다릅니다",
    "발급한 지 오래되었습니다",
    "글자가 안 보입니다",
    "다른 서류입니다",
)


@dataclass(frozen=True, slots=True)
class Point:
    """What the certificate must say. `said`: whether its text says so, None for a scan, which a person reads."""

    label: str
    value: str
    said: bool | None


def waiting() -> QuerySet[Document]:
    """The certificates to decide about, oldest first: those of lines that are registered and of applications that go on."""
    return Document.objects.filter(
        Q(application__received_at__isnull=False),
        kind=DocumentKind.LINE,
        state=DocumentState.KEPT,
        application__shop__isnull=False,
        application__ended_at__isnull=True,
    ).order_by("uploaded_at", "pk")


def next_after(document_id: int | None) -> Document | None:
    """The waiting certificate behind this one, the first when there is none behind it."""
    ids = list(waiting().values_list("pk", flat=True))
    if not ids:
        return None
    at = ids.index(document_id) + 1 if document_id in ids else 0
    found = ids[at % len(ids)]
    return of_kind().get(pk=found)


def of_kind() -> QuerySet[Document]:
    """Every certificate, with all that its page shows."""
    return Document.objects.filter(kind=DocumentKind.LINE).select_related(
        "application__shop", "uploaded_by", "decided_by"
    )


def points(application: Application, text: str) -> tuple[Point, ...]:
    """What must match: the line and in whose name it is. `text` is what the paper says, "" for a scan."""
    number, owner = application.line_number, owner_of(application)
    return (
        Point("매장 전화", phone.hyphenate(number), numbers.names(text, number) if text else None),
        Point("회선 명의", owner, _says(text, owner) if text else None),
    )


def owner_of(application: Application) -> str:
    """In whose name the line is: the person or business the form names."""
    if application.line_owner == LineOwner.OTHER:
        return application.line_owner_name
    names = (application.owner_name, application.business_name or application.shop_name)
    return " 또는 ".join(dict.fromkeys(name for name in names if name))


def facts(application: Application) -> list[tuple[str, str]]:
    """What stands beside it, to compare with."""
    return [
        ("가게", application.shop_name),
        ("상호", application.business_name or "–"),
        ("대표자", application.owner_name),
        ("사업자등록번호", business_number.hyphenate(application.business_number)),
        ("유입 경로", application.get_source_display()),
    ]


def _says(text: str, owner: str) -> bool:
    squeezed = "".join(text.split())
    return any("".join(name.split()) in squeezed for name in owner.split(" 또는 ") if name)
