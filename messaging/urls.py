"""Addresses of messaging: the caller's, the owner's, the machines'."""

from django.urls import path, re_path

from messaging import webhooks
from messaging.views import caller, calls, genuine, media, people, promo, settings

app_name = "messaging"
urlpatterns = [
    path("hooks/calls", webhooks.calls, name="hook_calls"),
    path("hooks/optouts", webhooks.optouts, name="hook_optouts"),
    path("hooks/<slug:vendor>/reports", webhooks.delivery_reports, name="hook_reports"),
    path("real/", genuine.genuine, name="genuine"),
    path("m/<str:token>", caller.message, name="message"),
    path("m/<str:token>/stop", caller.stop, name="message_stop"),
    path("m/<str:token>/again", caller.again, name="message_again"),
    path("shops/<slug:slug>/calls/", calls.calls, name="calls"),
    path("shops/<slug:slug>/calls/<int:call_id>/", calls.call, name="call"),
    path("shops/<slug:slug>/promo/", promo.promo, name="promo"),
    path("shops/<slug:slug>/promo/preview/", promo.preview, name="promo_preview"),
    path("shops/<slug:slug>/promo/design.webp", promo.design, name="promo_design"),
    path("shops/<slug:slug>/promo/versions/<int:number>/", promo.restore, name="promo_restore"),
    path("shops/<slug:slug>/optouts/", people.optouts, name="optouts"),
    path("shops/<slug:slug>/blocks/", people.blocks, name="blocks"),
    path("shops/<slug:slug>/blocks/undo/", people.restore_block, name="block_restore"),
    path("shops/<slug:slug>/blocks/<int:block_id>/remove/", people.remove_block, name="block_remove"),
    path("shops/<slug:slug>/settings/", settings.settings, name="settings"),
    path("shops/<slug:slug>/sending/", settings.switch_sending, name="sending"),
    path("shops/<slug:slug>/sending/off/", settings.sending_off, name="sending_off"),
    re_path(r"^media/pictures/(?P<sha256>[0-9a-f]{64})\.jpg$", media.picture, name="picture"),
    re_path(r"^media/pictures/(?P<sha256>[0-9a-f]{64})\.webp$", media.small, name="picture_small"),
]
