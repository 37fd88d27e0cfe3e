"""Addresses of accounts."""

from django.urls import path

from shopmsg.accounts import acts_views, desk, link_views, people_views, views

app_name = "accounts"
urlpatterns = [
    path("login/", views.owner_login, name="login"),
    path("login/code/", views.owner_code, name="code"),
    path("login/again/", views.send_again, name="send_again"),
    path("in/<str:token>/", link_views.enter, name="link"),
    path("logout/", views.log_out, name="logout"),
    path("shops/<slug:slug>/people/", people_views.members, name="people"),
    path("shops/<slug:slug>/people/undo/", people_views.restore, name="person_restore"),
    path("shops/<slug:slug>/people/<int:member_id>/", people_views.change, name="person_change"),
    path("shops/<slug:slug>/people/<int:member_id>/remove/", people_views.remove, name="person_remove"),
    path("shops/<slug:slug>/staff/", acts_views.staff_acts, name="staff_acts"),
    path("shops/<slug:slug>/staff/<int:delegation_id>/stop/", acts_views.stop, name="staff_stop"),
    path("staff/delegations/<int:delegation_id>/finish/", acts_views.finish, name="delegation_finish"),
    path("staff/login/", views.staff_login, name="staff_login"),
    path("staff/numbers/", desk.find_person, name="staff_numbers"),
    path("staff/numbers/<int:user_id>/link/", link_views.send, name="staff_link"),
    path("staff/numbers/<int:user_id>/", desk.change_number, name="staff_number"),
]
