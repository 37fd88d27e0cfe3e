"""Addresses of accounts."""

from django.urls import path

from shopmsg.accounts import desk, views

app_name = "accounts"
urlpatterns = [
    path("login/", views.owner_login, name="login"),
    path("login/code/", views.owner_code, name="code"),
    path("login/again/", views.send_again, name="send_again"),
    path("logout/", views.log_out, name="logout"),
    path("staff/login/", views.staff_login, name="staff_login"),
    path("staff/numbers/", desk.find_person, name="staff_numbers"),
    path("staff/numbers/<int:user_id>/", desk.change_number, name="staff_number"),
]
