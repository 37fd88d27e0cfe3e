import getpass
import io
from typing import Any

import segno
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from shopmsg.accounts import audit, sessions
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Dealership, User
from shopmsg.core import phone


class Command(BaseCommand):
    help = (
        "Add a staff member, or with --renew give one a new password and TOTP secret; asks for the password and "
        "prints the QR code for an authenticator app."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("mobile")
        parser.add_argument("name")
        parser.add_argument("role", choices=[role.value for role in Role if role != Role.OWNER])
        parser.add_argument("--dealership", default="", help="a dealer's company; made when it is new")
        parser.add_argument("--renew", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            mobile = phone.mobile(options["mobile"])
            password = getpass.getpass("비밀번호: ")
            validate_password(password)
        except phone.PhoneError as error:
            raise CommandError(error.message) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        with transaction.atomic():
            role, renew = Role(options["role"]), options["renew"]
            user = self._user(mobile, options["name"], role, options["dealership"].strip(), renew=renew)
            user.set_password(password)
            user.save(update_fields=["password"])
            sessions.end_all(user)
            TOTPDevice.objects.filter(user=user).delete()
            device = TOTPDevice.objects.create(user=user, name="앱")
            action = "staff.renewed" if renew else "staff.added"
            audit.record(action, actor=None, subject=f"user:{user.pk}", detail={"role": user.role})
        picture = io.StringIO()
        segno.make(device.config_url, error="m").terminal(out=picture, compact=True)
        self.stdout.write(picture.getvalue())
        self.stdout.write(f"인증 앱으로 QR 코드를 찍어 주세요. 직접 입력: {device.config_url}")

    def _user(self, mobile: str, name: str, role: Role, company: str, *, renew: bool) -> User:
        existing = User.objects.filter(mobile=mobile).first()
        if not renew:
            if existing is not None:
                raise CommandError("이미 있는 번호입니다. 직원의 인증을 다시 만들려면 --renew를 붙여 주세요.")
            if bool(company) != (role == Role.DEALER):
                raise CommandError("대리점 사람에게만 --dealership으로 대리점 이름을 붙여 주세요.")
            dealership = Dealership.objects.get_or_create(name=company)[0] if company else None
            return User.objects.create_user(mobile, name, role, dealership=dealership)
        if existing is None or existing.role != role or existing.name != name:
            raise CommandError("그 번호, 이름, 역할의 직원이 없습니다.")
        return existing
