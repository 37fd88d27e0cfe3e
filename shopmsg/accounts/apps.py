from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    name = "shopmsg.accounts"
    label = "accounts"
    verbose_name = "계정"
    default = True


class RecordsConfig(admin_apps.AdminConfig):
    """Django's admin with our own door in front: `django.contrib.admin` in INSTALLED_APPS."""

    default = False
    default_site = "shopmsg.accounts.records.RecordSite"
