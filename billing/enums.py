"""Closed vocabularies of billing."""

from django.db.models import TextChoices


class Bundle(TextChoices):
    """결합: a discount for who also takes other products of the carrier (rules.md §3)."""

    NONE = "none", "결합 없음"
    SUCCESS_PACK = "success_pack", "사장님성공팩"
    ASSISTANT_PACK = "assistant_pack", "사장님AI비서팩"
