from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shopmsg.accounts import audit
from shopmsg.accounts.models import AuditEntry


class Command(BaseCommand):
    help = "Check the audit log's hash chain; exits with 1 and the entry's id when it is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = audit.verify()
        if broken is not None:
            raise CommandError(f"감사 기록 {broken}번에서 사슬이 끊겼습니다. 백업과 비교해 주세요.")
        self.stdout.write(f"감사 기록 {AuditEntry.objects.count()}건 이상 없음. 마지막 해시: {audit.head()}")
