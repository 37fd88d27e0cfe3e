"""Record tables of accounts. They are for looking things up; what changes goes through verbs and is audited."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin

from shopmsg.accounts import audit, sessions
from shopmsg.accounts.access import user_of
from shopmsg.accounts.models import AuditEntry, Dealership, Delegation, Line, Membership, Merchant, Shop, User
from shopmsg.core import phone

# TOTP secrets are nobody's to look at, and roles are ours, not Django's groups.
admin.site.unregister(TOTPDevice)
admin.site.unregister(Group)


class RecordAdmin(ModelAdmin):
    """Rows to read: nothing is added, changed or deleted here."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(RecordAdmin):
    """A person. The name may be corrected and the account stopped, which ends its sessions."""

    list_display = ["name", "masked_mobile", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["name"]
    fields = ["name", "masked_mobile", "role", "is_active", "last_login", "created_at"]
    readonly_fields = ["masked_mobile", "role", "last_login", "created_at"]

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.admin_site.has_permission(request)

    @admin.display(description="휴대폰")
    def masked_mobile(self, user: User) -> str:
        return phone.mask(user.mobile)

    def save_model(self, request: HttpRequest, obj: models.Model, form: Form, change: bool) -> None:
        if not isinstance(obj, User):
            raise TypeError(obj)
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        if not changed:
            return
        with transaction.atomic():
            obj.save(update_fields=list(changed))
            if not obj.is_active:
                sessions.end_all(obj)
            audit.record(
                "user.changed",
                actor=user_of(request),
                subject=f"user:{obj.pk}",
                detail=changed,
                address=audit.address_of(request),
            )


@admin.register(Dealership)
class DealershipAdmin(RecordAdmin):
    list_display = ["name", "phone", "created_at"]
    search_fields = ["name"]


@admin.register(Delegation)
class DelegationAdmin(RecordAdmin):
    list_display = ["began_at", "staff", "shop", "scope", "reason", "ends_at", "ended_at"]
    list_filter = ["scope"]
    list_select_related = ["staff", "shop"]
    search_fields = ["shop__name", "staff__name"]


@admin.register(Merchant)
class MerchantAdmin(RecordAdmin):
    list_display = ["name", "business_number", "created_at"]
    search_fields = ["name", "business_number"]


@admin.register(Shop)
class ShopAdmin(RecordAdmin):
    list_display = ["name", "slug", "product", "status", "sending_on", "daily_cap", "created_at"]
    list_filter = ["product", "status", "sending_on"]
    list_select_related = ["merchant"]
    search_fields = ["name", "slug"]


@admin.register(Line)
class LineAdmin(RecordAdmin):
    list_display = ["number", "shop", "notice_state", "notice_active_since", "sender_accepted_at"]
    list_filter = ["notice_state"]
    list_select_related = ["shop"]
    search_fields = ["number", "shop__name"]


@admin.register(Membership)
class MembershipAdmin(RecordAdmin):
    list_display = ["shop", "user", "role", "created_at"]
    list_filter = ["role"]
    list_select_related = ["shop", "user"]
    search_fields = ["shop__name", "user__name"]


@admin.register(AuditEntry)
class AuditEntryAdmin(RecordAdmin):
    list_display = ["at", "action", "actor", "shop", "subject", "reason", "address"]
    list_filter = ["action"]
    list_select_related = ["actor", "shop"]
    search_fields = ["action", "subject"]
    fields = [
        "at", "action", "actor", "on_behalf_of", "shop", "subject", "reason", "detail", "address", "fingerprint"
    ]  # fmt: skip
    readonly_fields = ["fingerprint"]

    @admin.display(description="해시")
    def fingerprint(self, entry: AuditEntry) -> str:
        return bytes(entry.hash).hex()

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return super().get_queryset(request).order_by("-pk")
