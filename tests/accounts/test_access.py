"""Who sees a shop: its members. Everybody else learns nothing."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django_otp.plugins.otp_totp.models import TOTPDevice

from shopmsg.accounts import access
from shopmsg.accounts.enums import MemberRole, Role
from tests.factories.accounts import MembershipFactory, ShopFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


def _request(user: Any, address: str = "/page/?x=1") -> HttpRequest:
    request = RequestFactory().get(address)
    request.user = user
    return request


def _view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("shown")


def test_members_see_their_shop_and_strangers_of_every_kind_get_404() -> None:
    shop = ShopFactory(owner=UserFactory())
    for role, may_edit in [(MemberRole.OWNER, True), (MemberRole.EDITOR, True), (MemberRole.VIEWER, False)]:
        member = MembershipFactory(shop=shop, role=role).user
        assert access.shop_or_404(member, shop.slug) == shop
        if may_edit:
            assert access.shop_or_404(member, shop.slug, edit=True) == shop
        else:
            with pytest.raises(access.MayOnlyLook):
                access.shop_or_404(member, shop.slug, edit=True)
    owner_of_another = UserFactory()
    ShopFactory(owner=owner_of_another)
    for stranger in (owner_of_another, UserFactory(), StaffFactory(), StaffFactory(role=Role.ADMIN)):
        with pytest.raises(Http404):
            access.shop_or_404(stranger, shop.slug)
        with pytest.raises(Http404):
            access.shop_or_404(stranger, shop.slug, edit=True)


def test_owner_pages_send_the_anonymous_to_the_login_and_back() -> None:
    page = access.owner_required(_view)
    assert page(_request(AnonymousUser()))["Location"] == "/login/?next=/page/%3Fx%3D1"
    assert page(_request(UserFactory())).content == b"shown"


def test_staff_pages_without_named_roles_are_for_all_verified_staff() -> None:
    page = access.staff_required()(_view)
    dealer = StaffFactory(role=Role.DEALER)
    assert page(_request(dealer))["Location"] == "/staff/login/?next=/page/%3Fx%3D1"
    vars(dealer)["otp_device"] = TOTPDevice.objects.get(user=dealer)  # what django-otp's middleware does
    assert page(_request(dealer)).content == b"shown"
    with pytest.raises(Http404):
        page(_request(UserFactory()))
    with pytest.raises(Http404):
        access.staff_required(Role.AGENT)(_view)(_request(dealer))


def test_nobody_is_no_user() -> None:
    with pytest.raises(PermissionDenied):
        access.user_of(_request(AnonymousUser()))
