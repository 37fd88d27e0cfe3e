"""Dealership: a company whose people bring us applications on paper."""

from django.db import models


class Dealership(models.Model):
    """대리점. Its people (role dealer) see the applications it entered and no others. `phone` is national digits."""

    name = models.CharField("이름", max_length=60, unique=True)
    phone = models.CharField("전화", max_length=12, blank=True)
    created_at = models.DateTimeField("등록", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "대리점"

    def __str__(self) -> str:
        return self.name
