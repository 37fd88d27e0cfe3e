"""The verbs behind logging in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django_otp.plugins.otp_totp.models import TOTPDevice

from shopmsg.accounts import login
from shopmsg.accounts.enums import NoticeKind, Role
from shopmsg.accounts.errors import LoginRefused
from shopmsg.accounts.models import LoginCode, Notice, User
from shopmsg.accounts.sealing import keyring
from tests.factories.accounts import PASSWORD, StaffFactory, UserFactory, totp_of

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
HERE = "203.0.113.7"


def _code(mobile: str, now: datetime = NOW) -> str:
    login.send_code(mobile, HERE, now)
    return str(Notice.objects.latest("pk").fields["code"])


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def _refusal(mobile: str, code: str, now: datetime = NOW) -> tuple[str, str]:
    with pytest.raises(LoginRefused) as refused:
        login.check_code(mobile, code, now)
    return refused.value.code, refused.value.message


@pytest.mark.django_db
def test_the_code_is_asked_for_as_a_text_that_expires_with_it_and_is_kept_only_hashed() -> None:
    user = UserFactory()
    code = _code(user.mobile)
    notice = Notice.objects.get()
    assert notice.kind == NoticeKind.LOGIN_CODE
    assert notice.expires_at == NOW + timedelta(minutes=3)
    assert keyring().open(bytes(notice.to_sealed)) == user.mobile
    assert len(code) == 6
    assert code not in LoginCode.objects.get().code_hash


@pytest.mark.django_db
def test_the_right_code_lets_in_once() -> None:
    user = UserFactory()
    code = _code(user.mobile)
    assert login.check_code(user.mobile, code, NOW + timedelta(minutes=2, seconds=59)) == user
    assert _refusal(user.mobile, code)[0] == "wrong_code"


@pytest.mark.django_db
def test_a_code_is_worth_nothing_after_three_minutes() -> None:
    user = UserFactory()
    code = _code(user.mobile)
    assert _refusal(user.mobile, code, NOW + timedelta(minutes=3))[0] == "wrong_code"


@pytest.mark.django_db
def test_the_fifth_try_may_be_right_and_the_sixth_may_not() -> None:
    user = UserFactory()
    code = _code(user.mobile)
    for _ in range(4):
        _refusal(user.mobile, _wrong(code))
    assert login.check_code(user.mobile, code, NOW) == user

    code = _code(user.mobile)
    for _ in range(5):
        _refusal(user.mobile, _wrong(code))
    assert _refusal(user.mobile, code)[0] == "wrong_code"


@pytest.mark.django_db
def test_a_newer_code_voids_the_older_one() -> None:
    user = UserFactory()
    old = _code(user.mobile)
    new = _code(user.mobile, NOW + timedelta(seconds=1))
    if old != new:
        _refusal(user.mobile, old, NOW + timedelta(seconds=2))
    assert login.check_code(user.mobile, new, NOW + timedelta(seconds=2)) == user


@pytest.mark.django_db
def test_one_persons_code_does_not_open_anothers_account() -> None:
    one, other = UserFactory(), UserFactory()
    login.send_code(other.mobile, HERE, NOW)
    code = _code(one.mobile)
    LoginCode.objects.filter(user=other).update(code_hash=LoginCode.objects.get(user=one).code_hash)
    assert _refusal(other.mobile, code)[0] == "wrong_code"


@pytest.mark.django_db
def test_unknown_stopped_and_staff_numbers_get_no_text_and_the_same_words() -> None:
    known = UserFactory()
    wrong_words = _refusal(known.mobile, _wrong(_code(known.mobile)))
    Notice.objects.all().delete()
    nobody = "01099998888"
    for mobile in (nobody, UserFactory(is_active=False).mobile, StaffFactory().mobile):
        login.send_code(mobile, HERE, NOW)
        assert _refusal(mobile, "123456") == wrong_words
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_a_number_gets_five_texts_then_one_every_ten_minutes() -> None:
    user = UserFactory()
    for _ in range(5):
        login.send_code(user.mobile, None, NOW)
    with pytest.raises(LoginRefused) as refused:
        login.send_code(user.mobile, None, NOW)
    assert refused.value.code == "too_often"
    assert "1877-3592" in refused.value.message
    login.send_code(user.mobile, None, NOW + timedelta(minutes=10))
    assert Notice.objects.count() == 6


@pytest.mark.django_db
def test_an_address_cannot_text_the_whole_country() -> None:
    for n in range(30):
        login.send_code(f"010{n:08d}", HERE, NOW)
    with pytest.raises(LoginRefused) as refused:
        login.send_code("01077776666", HERE, NOW)
    assert refused.value.code == "too_often"
    login.send_code("01077776666", "203.0.113.8", NOW)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_guesses_share_five_tries_and_one_use() -> None:
    user = UserFactory()
    code = _code(user.mobile)

    def attempt(_: int) -> bool:
        try:
            login.check_code(user.mobile, code, NOW)
        except LoginRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_leave_one_usable_code() -> None:
    user = UserFactory()

    def request(_: int) -> None:
        try:
            login.send_code(user.mobile, HERE, NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(request, range(2)))
    assert LoginCode.objects.count() == 2
    assert LoginCode.objects.filter(expires_at__gt=NOW).count() == 1


def _staff_refusal(mobile: str, password: str, totp: str) -> tuple[str, str]:
    with pytest.raises(LoginRefused) as refused:
        login.check_staff(mobile, password, totp, address=HERE, now=NOW)
    return refused.value.code, refused.value.message


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_staff_need_number_password_and_totp_and_are_not_told_which_was_wrong() -> None:
    agent, colleague, owner = StaffFactory(), StaffFactory(), UserFactory()
    right = totp_of(agent, NOW)
    refusals = {
        _staff_refusal(agent.mobile, "wrong", right),
        _staff_refusal(colleague.mobile, PASSWORD, right),
        _staff_refusal(owner.mobile, "", right),
        _staff_refusal("01099998888", PASSWORD, right),
        _staff_refusal(StaffFactory(is_active=False).mobile, PASSWORD, right),
    }
    assert len(refusals) == 1
    user, device = login.check_staff(agent.mobile, PASSWORD, right, address=HERE, now=NOW)
    assert (user, device.user) == (agent, agent)


@pytest.mark.django_db
def test_a_wrong_totp_is_refused_and_an_unconfirmed_device_is_none() -> None:
    agent = StaffFactory()
    with time_machine.travel(NOW, tick=False):
        _staff_refusal(agent.mobile, PASSWORD, _wrong(totp_of(agent, NOW)))
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        TOTPDevice.objects.filter(user=agent).update(confirmed=False)
        _staff_refusal(agent.mobile, PASSWORD, totp_of(agent, NOW + timedelta(minutes=1)))


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_totp_works_once() -> None:
    agent = StaffFactory()
    totp = totp_of(agent, NOW)
    login.check_staff(agent.mobile, PASSWORD, totp, address=HERE, now=NOW)
    assert _staff_refusal(agent.mobile, PASSWORD, totp)[0] == "wrong"


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_staff_tries_are_counted_for_account_and_address_together() -> None:
    agent, colleague = StaffFactory(), StaffFactory()
    for _ in range(10):
        _staff_refusal(agent.mobile, "wrong", "000000")
    assert _staff_refusal(agent.mobile, PASSWORD, totp_of(agent, NOW))[0] == "too_often"
    login.check_staff(colleague.mobile, PASSWORD, totp_of(colleague, NOW), address=HERE, now=NOW)
    login.check_staff(agent.mobile, PASSWORD, totp_of(agent, NOW), address="203.0.113.8", now=NOW)


@pytest.mark.django_db
def test_codes_are_deleted_a_day_after_they_ended() -> None:
    user = UserFactory()
    login.send_code(user.mobile, HERE, NOW)
    assert login.purge(NOW + timedelta(days=1, minutes=3)) == 0
    assert login.purge(NOW + timedelta(days=1, minutes=3, seconds=1)) == 1


@pytest.mark.django_db
def test_a_user_made_without_a_password_has_none() -> None:
    user = User.objects.create_user("010-1234-5678", "김사장")
    assert (user.mobile, user.role, user.has_usable_password()) == ("01012345678", Role.OWNER, False)
