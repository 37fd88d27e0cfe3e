"""Addresses of the demo. They stand before everybody else's, so /try/ here is the one that really sends."""

from django.urls import path

from shopmsg.demo import logins, views

app_name = "demo"
urlpatterns = [
    path("try/", views.try_it, name="try"),
    path("try/<uuid:call_id>/", views.result, name="result"),
    path("try/<uuid:call_id>/phone/", views.phone, name="phone"),
    path("try/pictures/<slug:name>.jpg", views.picture, name="picture"),
    path("login/demo/", logins.choose, name="logins"),
]
