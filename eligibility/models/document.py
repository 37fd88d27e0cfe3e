"""Documents of an application (가입 서류)."""

from django.core.files.storage import storages
from django.core.files.storage.base import Storage
from django.db import models
from django.db.models import Q

from eligibility.enums import DocumentKind, DocumentState


def document_storage() -> Storage:
    """Outside the web root and of the pictures' storage: settings.STORAGES["documents"]."""
    return storages["documents"]


class Document(models.Model):
    """서류: a PDF, JPEG or PNG that proves something of an application. Kept six months from activation or refusal
    (`delete_after`, rules.md §5); then the file is deleted and the row says so. `business_number` is the number found
    in it, "" when none could be read. `verdict` is why it was rejected."""

    application = models.ForeignKey("eligibility.Application", models.PROTECT, related_name="documents")
    kind = models.CharField("종류", max_length=12, choices=DocumentKind.choices)
    state = models.CharField("상태", max_length=8, choices=DocumentState.choices, default=DocumentState.KEPT)
    file = models.FileField(upload_to="documents/", storage=document_storage, max_length=120)
    original_name = models.CharField("파일 이름", max_length=120)
    content_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField(default=1)
    business_number = models.CharField(max_length=10, blank=True)
    uploaded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField("올림")
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=200, blank=True)
    delete_after = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "서류"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DocumentState.values), name="document_state_known"),
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="document_kind_known"),
        ]
        indexes = [
            # documents.delete_due
            models.Index(
                fields=["delete_after"], condition=Q(deleted_at__isnull=True), name="document_to_delete"
            ),
            # certificates: what waits for an admin
            models.Index(
                fields=["uploaded_at"], condition=Q(kind="line", state="kept"), name="certificate_to_review"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.original_name}"
