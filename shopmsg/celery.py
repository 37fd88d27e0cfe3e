"""The Celery app. Tasks are wake-ups: each drains what PostgreSQL says is waiting, so a lost one is only a delay."""

import gc
import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, task_prerun, worker_init, worker_ready
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopmsg.settings.prod")

app = Celery("shopmsg")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()

# Wake-ups make the pipeline quick; these make it certain. Running beat twice is harmless: every task only looks.
app.conf.beat_schedule = {
    "decide": {"task": "messaging.decide_calls", "schedule": 1.0, "options": {"expires": 1}},
    "dispatch": {"task": "messaging.dispatch_messages", "schedule": 1.0, "options": {"expires": 1}},
    "fold": {"task": "messaging.fold_reports", "schedule": 2.0, "options": {"expires": 2}},
    "publish": {
        "task": "messaging.publish_due",
        "schedule": 2.0,
        "options": {"queue": "upkeep", "expires": 2},
    },
    "look-up": {"task": "messaging.look_up", "schedule": 5.0, "options": {"queue": "upkeep", "expires": 5}},
    "heartbeat": {
        "task": "messaging.heartbeat",
        "schedule": 10.0,
        "options": {"queue": "upkeep", "expires": 10},
    },
    "balance": {
        "task": "messaging.read_balance",
        "schedule": 60.0,
        "options": {"queue": "upkeep", "expires": 60},
    },
    "follow-notices": {
        "task": "eligibility.follow_notices",
        "schedule": 3.0,
        "options": {"queue": "upkeep", "expires": 3},
    },
    "activate": {
        "task": "eligibility.activate_ready",
        "schedule": 5.0,
        "options": {"queue": "upkeep", "expires": 5},
    },
    "recheck-registry": {
        "task": "eligibility.recheck_registry",
        "schedule": 60.0,
        "options": {"queue": "upkeep", "expires": 60},
    },
    "minutely": {
        "task": "messaging.minutely",
        "schedule": 60.0,
        "options": {"queue": "upkeep", "expires": 60},
    },
    "hourly": {"task": "messaging.hourly", "schedule": crontab(minute=7), "options": {"queue": "upkeep"}},
    "daily": {
        "task": "messaging.daily",
        "schedule": crontab(hour=4, minute=30),
        "options": {"queue": "upkeep"},
    },
    "delete-documents": {
        "task": "eligibility.daily",
        "schedule": crontab(hour=4, minute=40),
        "options": {"queue": "upkeep"},
    },
    "billing-deposits": {
        "task": "billing.settle_deposits",
        "schedule": 10.0,
        "options": {"queue": "upkeep", "expires": 10},
    },
    "billing-phone-bill": {
        "task": "billing.settle_phone_bill",
        "schedule": 10.0,
        "options": {"queue": "upkeep", "expires": 10},
    },
    "billing-runs": {"task": "billing.go_on", "schedule": 5.0, "options": {"queue": "upkeep", "expires": 5}},
    "billing-states": {
        "task": "billing.keep_states",
        "schedule": 60.0,
        "options": {"queue": "upkeep", "expires": 60},
    },
    "billing-referrals": {
        "task": "billing.settle_referrals",
        "schedule": 60.0,
        "options": {"queue": "upkeep", "expires": 60},
    },
    "billing-dunning": {
        "task": "billing.dun",
        "schedule": crontab(minute=17),
        "options": {"queue": "upkeep"},
    },
    "billing-reminders": {
        "task": "billing.remind",
        "schedule": crontab(hour=9, minute=10),
        "options": {"queue": "upkeep"},
    },
    "charge-due": {
        "task": "billing.charge_due",
        "schedule": crontab(hour="6-20", minute=5),
        "options": {"queue": "upkeep"},
    },
    "submit-charges": {
        "task": "billing.submit_charges",
        "schedule": 15.0,
        "options": {"queue": "upkeep", "expires": 15},
    },
    "look-up-charges": {
        "task": "billing.look_up_charges",
        "schedule": 10.0,
        "options": {"queue": "upkeep", "expires": 10},
    },
    "forget-cards": {
        "task": "billing.forget_cards",
        "schedule": crontab(minute=37),
        "options": {"queue": "upkeep"},
    },
}


@worker_init.connect
def _leave_code_alone(**_: object) -> None:
    """What is loaded by now stays for good: the collector need not walk it with every few batches."""
    gc.collect()
    gc.freeze()


@task_prerun.connect
def _fresh_connections(**_: object) -> None:
    """As before a request: a connection that a restart of PostgreSQL cut is noticed and replaced, instead of failing
    every task of this process until Celery recycles it."""
    close_old_connections()


@worker_ready.connect
def _seen_at_start(**_: object) -> None:
    """A worker that has just started is ready now, not at its next heartbeat."""
    app.tasks["messaging.heartbeat"].delay()


@setup_logging.connect
def _keep_logging(**_: object) -> None:
    """A receiver, whatever it does, keeps Celery from putting its own log set-up over that of the settings."""
