"""A person's new mobile number, changed at the desk against a proof (issue: "a new number is regained through the
desk with an audited proof")."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from shopmsg.accounts import audit, login, login_links, notices
from shopmsg.accounts.enums import NoticeKind, Role
from shopmsg.accounts.errors import ChangeRefused
from shopmsg.accounts.models import AuditEntry, User
from shopmsg.accounts.sealing import keyring
from shopmsg.core import phone

PROOF_LENGTH = range(10, 201)


def may_change(by: User, user: User) -> bool:
    """Agents help owners; a colleague's number is an admin's business."""
    return by.is_active and (by.role == Role.ADMIN or (by.role == Role.AGENT and user.role == Role.OWNER))


def change_mobile(
    user: User, new_mobile: str, *, by: User, proof: str, address: str | None, now: datetime
) -> AuditEntry:
    """Give `user` another mobile number. Old sessions and open codes end; both numbers are told.

    `proof` says how the person was recognised, 10–200 characters, kept in the audit entry that is returned.
    Raises PhoneError, and ChangeRefused: "not_allowed", "no_proof", "same_number", "number_taken", "changed_meanwhile".
    """
    new = phone.mobile(new_mobile)
    old = user.mobile
    proof = proof.strip()
    if not may_change(by, user):
        raise ChangeRefused("not_allowed", "이 사람의 번호는 관리자만 변경 가능. 관리자에게 요청해 주세요.")
    if len(proof) not in PROOF_LENGTH:
        raise ChangeRefused("no_proof", "본인 확인 방법을 10자 이상 200자 이하로 입력해 주세요.")
    if new == old:
        raise ChangeRefused("same_number", "지금 번호와 같습니다. 새 번호를 입력해 주세요.")
    try:
        with transaction.atomic():
            changed = User.objects.filter(pk=user.pk, mobile=old).update(
                mobile=new, mobile_index=keyring().index(new), session_epoch=F("session_epoch") + 1
            )
            if not changed:
                raise ChangeRefused("changed_meanwhile", "그사이 번호가 변경되었습니다. 다시 검색해 주세요.")
            login.void_codes(user, now)
            login_links.void(user, now)
            fields = {"name": user.name, "old": phone.mask(old), "new": phone.mask(new)}
            entry = audit.record(
                "number.changed",
                actor=by,
                subject=f"user:{user.pk}",
                reason=proof,
                detail={"old": fields["old"], "new": fields["new"]},
                address=address,
            )
            for number, side in ((old, "old"), (new, "new")):
                notices.ask(
                    NoticeKind.NUMBER_CHANGED,
                    to=number,
                    key=f"number:{entry.pk}:{side}",
                    fields=fields,
                    expires_at=now + timedelta(days=1),
                )
    except IntegrityError:
        raise ChangeRefused(
            "number_taken", "이미 다른 사람이 쓰는 번호입니다. 번호를 확인해 주세요."
        ) from None
    user.refresh_from_db()
    return entry
