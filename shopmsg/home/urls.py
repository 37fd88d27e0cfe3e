"""Addresses of pages that join several apps."""

from django.urls import path

from shopmsg.home.views import app, health, operator, public, start, stopped, styleguide

app_name = "home"
urlpatterns = [
    path("", public.landing, name="landing"),
    path("terms/", public.terms, name="terms"),
    path("privacy/", public.privacy, name="privacy"),
    path("help/", public.help_page, name="help"),
    path("help/law/", public.law, name="law"),
    path("try/", public.try_it, name="try"),
    path("samples/<slug:slug>.webp", public.picture, name="sample_picture"),
    path("start/", start.start, name="start"),
    path("shops/<slug:slug>/", start.today, name="today"),
    path("ops/", operator.operator, name="operator"),
    path("ops/accounts/<slug:name>/resume/", operator.resume, name="operator_resume"),
    path("ops/shops/<slug:slug>/resume/", stopped.resume, name="shop_resume"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("offline/", app.offline, name="offline"),
    path("manifest.webmanifest", app.manifest, name="manifest"),
    path("sw.js", app.worker, name="worker"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
