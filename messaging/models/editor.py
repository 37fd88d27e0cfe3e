"""What is being written, and what waits to go out."""

from django.db import models
from django.db.models import Q


class PromoDraft(models.Model):
    """A shop's promo while it is being written, one for the shop and everybody in it.

    `fields` is messaging.editor.fields.DraftFields as JSON; `revision` counts the edits, so that two devices notice
    each other. `base` is the version the draft was made from or last went out as, `base_fields` what the draft held
    then: while `fields` still equals it, nobody has written anything that has not gone out.
    """

    shop = models.OneToOneField("accounts.Shop", models.CASCADE, primary_key=True, related_name="draft")
    fields = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    base = models.ForeignKey("messaging.PromoVersion", models.SET_NULL, null=True, related_name="+")
    base_fields = models.JSONField(default=dict)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.shop_id} r{self.revision}"


class EditState(models.TextChoices):
    """What became of an edit."""

    APPLIED = "applied", "반영"
    UNDONE = "undone", "되돌림"
    ASIDE = "aside", "따로 둠"


class DraftEdit(models.Model):
    """One change of one field of a draft. `visit` names one opening of the editor on one device; an edit that met
    another device's is kept ASIDE until somebody chooses."""

    draft = models.ForeignKey(PromoDraft, models.CASCADE, related_name="edits")
    revision = models.PositiveIntegerField()
    field = models.CharField(max_length=30)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    visit = models.CharField(max_length=32)
    state = models.CharField(max_length=8, choices=EditState.choices, default=EditState.APPLIED)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            # editor.drafts: what happened to a field since a revision; what one visit may undo
            models.Index(fields=["draft", "-revision"], name="draft_edit_newest"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=EditState.values), name="draft_edit_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} r{self.revision} {self.field}"


class PublicationState(models.TextChoices):
    """Where a publication stands."""

    WAITING = "waiting", "기다림"
    DONE = "done", "나감"
    CALLED_BACK = "called_back", "취소"
    REFUSED = "refused", "못 나감"


class Publication(models.Model):
    """내보내기: a version that goes live at `due_at`, held back for a minute or until a chosen time. At most one waits
    in a shop. `replaced` is what was live before and `replaced_standing` what stood behind it, `problem` one sentence
    for one that could not go live."""

    shop = models.ForeignKey("accounts.Shop", models.CASCADE, related_name="publications")
    version = models.ForeignKey("messaging.PromoVersion", models.CASCADE, related_name="publications")
    replaced = models.ForeignKey("messaging.PromoVersion", models.SET_NULL, null=True, related_name="+")
    replaced_standing = models.ForeignKey(
        "messaging.PromoVersion", models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(
        max_length=11, choices=PublicationState.choices, default=PublicationState.WAITING
    )
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    address = models.GenericIPAddressField(null=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PublicationState.values), name="publication_state_known"
            ),
            models.UniqueConstraint(
                "shop", condition=Q(state="waiting"), name="publication_one_waits_a_shop"
            ),
        ]
        indexes = [
            # editor.publications.publish_due
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="publication_due"),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.state} {self.due_at}"
