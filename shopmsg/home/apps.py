from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "shopmsg.home"
    label = "home"
    verbose_name = "첫 화면"
