"""Addresses of signing up: for everybody, for applicants, for staff, for machines."""

from django.urls import path, re_path

from eligibility import api
from eligibility.views import desk, desk_actions, desk_list, desk_saving

app_name = "eligibility"
urlpatterns = [
    path("desk/", desk_list.index, name="desk"),
    path("desk/new/", desk.new, name="desk_new"),
    path("desk/trades/", desk_saving.trades, name="desk_trades"),
    path("desk/<int:pk>/", desk.call, name="desk_call"),
    path("desk/<int:pk>/picture.webp", desk.picture, name="desk_picture"),
    path("desk/<int:pk>/save/", desk_saving.save, name="desk_save"),
    path("desk/<int:pk>/preview/", desk_saving.preview, name="desk_preview"),
    path("desk/<int:pk>/registry/", desk_saving.registry, name="desk_registry"),
    path("desk/<int:pk>/state/", desk_saving.state, name="desk_state"),
    path("desk/<int:pk>/choose/", desk_saving.choose, name="desk_choose"),
    path("desk/<int:pk>/send/", desk_actions.send, name="desk_send"),
    path("desk/<int:pk>/receive/", desk_actions.receive, name="desk_receive"),
    path("desk/<int:pk>/activate/", desk_actions.activate, name="desk_activate"),
    path("desk/<int:pk>/refuse/", desk_actions.refuse, name="desk_refuse"),
    path("desk/<int:pk>/withdraw/", desk_actions.withdraw, name="desk_withdraw"),
    path("desk/<int:pk>/reopen/", desk_actions.reopen, name="desk_reopen"),
    path("api/v1/industries", api.industries, name="api_industries"),
    path("api/v1/eligibility", api.eligibility, name="api_eligibility"),
    path("api/v1/quote", api.quote, name="api_quote"),
    re_path(r"^api/v1/", api.unknown),
]
