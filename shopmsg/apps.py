"""The project as an app: binds the Celery app for every process and registers the deployment checks."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "shopmsg"
    label = "project"

    def ready(self) -> None:
        from shopmsg import celery, checks  # noqa: F401
