"""Record tables of billing. They are for looking things up; what changes goes through verbs and is audited."""

from django.contrib import admin

from billing.models import Subscription
from shopmsg.accounts.admin import RecordAdmin


@admin.register(Subscription)
class SubscriptionAdmin(RecordAdmin):
    list_display = [
        "id",
        "shop",
        "state",
        "product",
        "term_months",
        "bundle",
        "starts_on",
        "free_until",
        "ended_on",
    ]
    list_filter = ["state", "product", "term_months", "bundle"]
    list_select_related = ["shop"]
    search_fields = ["shop__name"]
