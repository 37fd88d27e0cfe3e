from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "shopmsg.demo"
    label = "demo"
    verbose_name = "체험"
