"""Every address of the portal. The demo's come first and only where it is installed (dev settings)."""

from django.apps import apps
from django.contrib import admin
from django.urls import include, path

handler403 = "shopmsg.home.views.denied.denied"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("shopmsg.accounts.urls")),
    path("", include("messaging.urls")),
    path("", include("billing.urls")),
    path("", include("eligibility.urls")),
    path("", include("shopmsg.home.urls")),
]

if apps.is_installed("shopmsg.demo"):
    urlpatterns.insert(0, path("", include("shopmsg.demo.urls")))
