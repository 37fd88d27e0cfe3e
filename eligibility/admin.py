"""Record tables of signing up. They are for looking things up; what changes goes through verbs and is audited."""

from django.contrib import admin

from eligibility.models import (
    ActivationStep,
    Application,
    ApplicationChange,
    ContactTry,
    Document,
    DraftReview,
    NoticeOrder,
)
from shopmsg.accounts.admin import RecordAdmin
from shopmsg.core import phone


@admin.register(Application)
class ApplicationAdmin(RecordAdmin):
    """Without what was typed: the record page shows it with the numbers masked."""

    list_display = ["id", "shop_name", "source", "state", "content", "received_at", "active_at"]
    list_filter = ["state", "content", "source", "registry"]
    list_select_related = ["dealership"]
    search_fields = ["shop_name", "business_name", "business_number"]
    fields = [
        "source", "dealership", "state", "content", "kind", "business_number", "registry", "registry_checked_at",
        "business_name", "owner_name", "masked_mobile", "shop_name", "address", "hours", "ksic", "annual_revenue",
        "revenue_proof", "line_number", "line_owner", "line_owner_name", "product", "term_months", "bundle",
        "reasons", "shop", "owner", "created_by", "created_at", "received_at", "eligible_at", "drafted_at",
        "confirmed_at", "active_at", "ended_at", "content_due_at",
    ]  # fmt: skip
    readonly_fields = ["masked_mobile"]

    @admin.display(description="사장님 휴대폰")
    def masked_mobile(self, application: Application) -> str:
        return phone.mask(application.owner_mobile) if application.owner_mobile else ""


@admin.register(ApplicationChange)
class ApplicationChangeAdmin(RecordAdmin):
    """Which field, when and by whom; the texts are on the record page."""

    list_display = ["at", "application", "field", "revision", "by", "address", "aside"]
    list_filter = ["field", "aside"]
    list_select_related = ["application", "by"]
    fields = ["application", "field", "revision", "aside", "by", "address", "at"]


@admin.register(ActivationStep)
class ActivationStepAdmin(RecordAdmin):
    list_display = ["application", "name", "state", "problem", "tries", "tried_at", "done_at"]
    list_filter = ["name", "state"]
    list_select_related = ["application"]


@admin.register(NoticeOrder)
class NoticeOrderAdmin(RecordAdmin):
    list_display = ["reference", "line", "state", "problem", "created_at", "sent_at", "looks", "ended_at"]
    list_filter = ["state"]
    list_select_related = ["line"]
    search_fields = ["reference", "line__number"]


@admin.register(ContactTry)
class ContactTryAdmin(RecordAdmin):
    list_display = ["at", "application", "kind", "answered", "note", "by"]
    list_filter = ["kind", "answered"]
    list_select_related = ["application", "by"]


@admin.register(DraftReview)
class DraftReviewAdmin(RecordAdmin):
    """Without the token's and the device's hashes."""

    list_display = [
        "sent_at",
        "application",
        "masked_mobile",
        "answer",
        "opened_at",
        "answered_at",
        "sent_by",
    ]
    list_filter = ["answer"]
    list_select_related = ["application", "sent_by"]
    fields = [
        "application", "masked_mobile", "sent_at", "expires_at", "opened_at", "answer", "answered_at", "marks",
        "note", "sent_by",
    ]  # fmt: skip
    readonly_fields = ["masked_mobile"]

    @admin.display(description="보낸 번호")
    def masked_mobile(self, review: DraftReview) -> str:
        return phone.mask(review.mobile)


@admin.register(Document)
class DocumentAdmin(RecordAdmin):
    """Without the file: it is opened with a reason, on its own page."""

    list_display = [
        "id",
        "application",
        "kind",
        "state",
        "uploaded_by",
        "uploaded_at",
        "delete_after",
        "deleted_at",
    ]
    list_filter = ["kind", "state"]
    list_select_related = ["application", "uploaded_by"]
    fields = [
        "application", "kind", "state", "original_name", "content_type", "size", "pages", "uploaded_by",
        "uploaded_at", "decided_by", "decided_at", "verdict", "delete_after", "deleted_at",
    ]  # fmt: skip
