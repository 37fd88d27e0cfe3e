"""The page of a shop's people: who looks at it, who may change it."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from shopmsg.accounts import audit, people
from shopmsg.accounts.access import owned_shop_or_404, owner_required, shop_or_404, shops_of, user_of
from shopmsg.accounts.enums import MemberRole
from shopmsg.accounts.errors import PeopleRefused
from shopmsg.accounts.forms import MobileField
from shopmsg.accounts.models import Membership, Shop, User

_UNDO: Final = "person_undo"


class RoleForm(forms.Form):
    """What a person may do."""

    role = forms.ChoiceField(
        label="무엇을 할 수 있나요?",
        choices=[
            (MemberRole.VIEWER, "볼 수 있음 — 통화와 숫자를 보기만 해요"),
            (MemberRole.EDITOR, "고칠 수 있음 — 홍보문자와 설정도 바꿔요"),
        ],
        initial=MemberRole.VIEWER,
        widget=forms.RadioSelect,
        error_messages={
            "required": "볼 수 있는지, 고칠 수 있는지 골라 주세요.",
            "invalid_choice": "볼 수 있는지, 고칠 수 있는지 골라 주세요.",
        },
    )


class PersonForm(RoleForm):
    """Somebody to look at the shop together with."""

    mobile = MobileField("휴대폰 번호", autocomplete="off", placeholder="010-1234-5678")
    name = forms.CharField(
        label="이름",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "누구인지 알 수 있게 이름을 적어 주세요.",
            "max_length": "이름을 40자 안으로 적어 주세요.",
        },
    )
    field_order = ("mobile", "name", "role")


def _context(user: User, shop: Shop, **more: Any) -> dict[str, Any]:
    return {"shop": shop, "shops": shops_of(user), "tab": "settings", **more}


@never_cache
@owner_required
@sensitive_post_parameters("mobile", "name")
@require_http_methods(["GET", "HEAD", "POST"])
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody of the shop; owners add somebody here."""
    user = user_of(request)
    posted = request.method == "POST"
    shop = owned_shop_or_404(user, slug) if posted else shop_or_404(user, slug)
    form = PersonForm(request.POST if posted else None)
    if posted and form.is_valid():
        try:
            added = people.add(
                shop,
                form.cleaned_data["mobile"],
                form.cleaned_data["name"],
                MemberRole(form.cleaned_data["role"]),
                by=user,
                address=audit.address_of(request),
                now=timezone.now(),
            )
        except PeopleRefused as refusal:
            form.add_error("name" if refusal.code == "name" else "mobile", refusal.message)
        else:
            name = people.person(added, by=user).name
            messages.success(request, f"{name} 님에게 문자를 보냈어요. 그 휴대폰 번호로 로그인하면 돼요.")
            return redirect("accounts:people", shop.slug)
    rows = people.of_shop(shop, by=user)
    owners = sum(row.role == MemberRole.OWNER for row in rows)
    context = _context(
        user,
        shop,
        rows=rows,
        form=form,
        manages=any(row.is_self and row.role == MemberRole.OWNER for row in rows),
        several_owners=owners > 1,
        undo="" if posted else request.session.pop(_UNDO, ""),
    )
    return render(request, "accounts/people.html", context)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    """Another right for one person."""
    user = user_of(request)
    shop = owned_shop_or_404(user, slug)
    member = _member(shop, member_id)
    form = RoleForm(request.POST if request.method == "POST" else None, initial={"role": member.role})
    if request.method == "POST" and form.is_valid():
        try:
            people.change_role(
                member, MemberRole(form.cleaned_data["role"]), by=user, address=audit.address_of(request)
            )
        except PeopleRefused as refusal:
            form.add_error("role", refusal.message)
        else:
            messages.success(request, "권한을 바꿨어요. 지금부터 그렇게 돼요.")
            return redirect("accounts:people", shop.slug)
    context = _context(user, shop, form=form, person=people.person(member, by=user))
    return render(request, "accounts/person.html", context)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    """Asks once, then takes the person out; the list offers to undo it."""
    user = user_of(request)
    shop = owned_shop_or_404(user, slug)
    member = _member(shop, member_id)
    person = people.person(member, by=user)
    error = ""
    if request.method == "POST":
        try:
            token = people.remove(member, by=user, address=audit.address_of(request))
        except PeopleRefused as refusal:
            error = refusal.message
        else:
            if person.is_self:
                return redirect("home:start")
            request.session[_UNDO] = token
            return redirect("accounts:people", shop.slug)
    context = _context(
        user,
        shop,
        error=error,
        title=f"{person.name} 님을 뺄까요?",
        action=reverse("accounts:person_remove", args=[shop.slug, member.pk]),
        cancel_url=reverse("accounts:people", args=[shop.slug]),
        facts=[
            ("누구인가요?", f"{person.name} ({person.number})"),
            ("어떻게 되나요?", "지금 바로 이 가게를 볼 수 없게 돼요. 로그인해 둔 휴대폰에서도 마찬가지예요."),
            ("되돌리려면요?", "10분 안에는 ‘되돌리기’를 누르면 되고, 그 뒤에는 번호로 다시 더하면 돼요."),
        ],
    )
    return render(request, "accounts/person_remove.html", context)


@never_cache
@owner_required
@require_POST
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo of a removal."""
    user = user_of(request)
    shop = owned_shop_or_404(user, slug)
    try:
        people.restore(shop, request.POST.get("undo", ""), by=user, address=audit.address_of(request))
    except PeopleRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "되돌렸어요. 다시 함께 볼 수 있어요.")
    return redirect("accounts:people", shop.slug)


def _member(shop: Shop, member_id: int) -> Membership:
    return get_object_or_404(Membership.objects.select_related("user", "shop"), pk=member_id, shop=shop)
