"""Filters that write moments, days, amounts and numbers as Koreans read them (ux.md, "Words")."""

from datetime import date, datetime

from django import template

from shopmsg.core import clock, phone

register = template.Library()


@register.filter
def moment(value: datetime | None) -> str:
    """ "11월 22일(일) 오후 3:05"."""
    return clock.format_moment(value) if value else ""


@register.filter
def clock_time(value: datetime | None) -> str:
    """ "오후 3:05"."""
    return clock.format_time(value) if value else ""


@register.filter
def korean_day(value: date | None) -> str:
    """ "11월 22일(일)"."""
    return clock.format_day(value) if value else ""


@register.filter
def phone_number(value: str) -> str:
    """ "02-1234-5678"."""
    return phone.hyphenate(value) if value else ""


@register.filter
def masked(value: str) -> str:
    """ "010-****-1234"."""
    return phone.mask(value)


@register.filter
def count(value: int) -> str:
    """ "1,234"."""
    return f"{value:,}"
