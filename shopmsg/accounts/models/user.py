"""User: one person, who logs in with a mobile number."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from shopmsg.accounts.enums import Role
from shopmsg.accounts.models.dealership import Dealership
from shopmsg.accounts.sealing import keyring
from shopmsg.core import phone


class UserManager(BaseUserManager["User"]):
    def create_user(
        self,
        mobile: str,
        name: str,
        role: Role = Role.OWNER,
        password: str | None = None,
        dealership: Dealership | None = None,
    ) -> "User":
        """A new user; without a password only a login code lets them in. Raises PhoneError."""
        user = self.model(mobile=phone.mobile(mobile), name=name, role=role, dealership=dealership)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, mobile: str, password: str, name: str = "관리자", **_: Any) -> "User":
        return self.create_user(mobile, name, Role.ADMIN, password)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(mobile=phone.mobile(username or ""))


class User(AbstractBaseUser):
    """An owner, or one of us. `mobile` is national digits; `mobile_index` is its blind index, which tells a
    member's own calls from a customer's without opening anything. Raising `session_epoch` ends every session."""

    mobile = models.CharField("휴대폰", max_length=11, unique=True)
    mobile_index = models.BinaryField(max_length=16, editable=False, db_index=True)
    name = models.CharField("이름", max_length=40)
    role = models.CharField("역할", max_length=10, choices=Role.choices, default=Role.OWNER)
    dealership = models.ForeignKey(
        "accounts.Dealership",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name="대리점",
    )
    is_active = models.BooleanField("사용 중", default=True)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField("가입", auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "mobile"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "사용자"
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known"),
            models.CheckConstraint(
                condition=Q(dealership__isnull=True) | Q(role=Role.DEALER),
                name="user_only_dealers_have_dealership",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({phone.mask(self.mobile)})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.mobile_index = keyring().index(self.mobile)
        super().save(*args, **kwargs)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac(
            "shopmsg.accounts.session",
            f"{self.session_epoch}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    @property
    def is_staff(self) -> bool:
        """One of us: logs in with password and TOTP, never by code alone."""
        return self.role != Role.OWNER

    @property
    def shown_name(self) -> str:
        """How owners and their people read this person: one of us by role and family name, "상담원 박○○"."""
        return f"{self.get_role_display()} {self.name[:1]}○○" if self.is_staff else self.name

    @property
    def is_superuser(self) -> bool:
        return self.role == Role.ADMIN

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Record tables are for admins."""
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_superuser
