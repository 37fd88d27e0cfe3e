"""Tables of signing up, one file a concern."""

from eligibility.models.activation import ActivationStep, NoticeOrder
from eligibility.models.application import Application, ApplicationChange
from eligibility.models.document import Document
from eligibility.models.review import ContactTry, DraftReview

__all__ = [
    "ActivationStep",
    "Application",
    "ApplicationChange",
    "ContactTry",
    "Document",
    "DraftReview",
    "NoticeOrder",
]
