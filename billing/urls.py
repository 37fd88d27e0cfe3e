"""Addresses of billing: the owner's, staff's, the payment company's."""

from django.urls import URLPattern

app_name = "billing"
urlpatterns: list[URLPattern] = []
