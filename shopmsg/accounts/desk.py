"""The desk's page for people who lost their number: find the person, change the number against a proof."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shopmsg.accounts import audit, login_links, numbers
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import MemberRole, Role
from shopmsg.accounts.errors import ChangeRefused
from shopmsg.accounts.forms import NumberChangeForm, PersonSearchForm
from shopmsg.accounts.models import AuditEntry, Shop, User
from shopmsg.core import phone

_MOST_FOUND = 20


@never_cache
@staff_required(Role.AGENT, Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def find_person(request: HttpRequest) -> HttpResponse:
    """Search by the whole old number or by name. A POST, because numbers in an address end up in logs."""
    form = PersonSearchForm(request.POST or None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        found = _search(form.cleaned_data["query"])
        context |= {
            "people": [
                {"user": user, "may_change": numbers.may_change(user_of(request), user)}
                for user in found[:_MOST_FOUND]
            ],
            "more": len(found) > _MOST_FOUND,
            "searched": True,
        }
    return render(request, "accounts/staff_numbers.html", context)


@never_cache
@staff_required(Role.AGENT, Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def change_number(request: HttpRequest, user_id: int) -> HttpResponse:
    """New number and proof; then once more what will happen; then the change, and its audit entry."""
    person = get_object_or_404(User, pk=user_id)
    agent = user_of(request)
    if not numbers.may_change(agent, person):
        raise Http404
    form = NumberChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        new = form.cleaned_data["mobile"]
        if "confirmed" not in request.POST:
            facts = [
                ("사람", f"{person.name} · {person.get_role_display()}"),
                ("번호", f"{phone.mask(person.mobile)} → {phone.hyphenate(new)}"),
                ("본인 확인", form.cleaned_data["proof"]),
                ("바로", "새 번호로만 로그인. 이전 번호의 휴대폰은 모두 로그아웃."),
                ("알림", "두 번호 모두에 안내 문자. 요금 없음."),
                ("되돌리기", "같은 방법으로 다시 변경. 감사 기록은 2년 보관."),
            ]
            context = {"person": person, "form": form, "facts": facts}
            return render(request, "accounts/staff_number_confirm.html", context)
        try:
            numbers.change_mobile(
                person,
                new,
                by=agent,
                proof=form.cleaned_data["proof"],
                address=audit.address_of(request),
                now=timezone.now(),
            )
        except ChangeRefused as refusal:
            form.add_error("proof" if refusal.code == "no_proof" else "mobile", refusal.message)
        else:
            return redirect(reverse("accounts:staff_number", args=[person.pk]) + "?changed=1")
    context = {
        "person": person,
        "form": form,
        "changed": "changed" in request.GET and not form.is_bound,
        "entries": _entries(person),
        "shops": Shop.objects.filter(memberships__user=person, memberships__role=MemberRole.OWNER).order_by(
            "name"
        ),
        "last_link": login_links.last_sent(person),
    }
    return render(request, "accounts/staff_number.html", context)


def _search(query: str) -> list[User]:
    people = User.objects.prefetch_related("memberships__shop").order_by("name", "pk")
    try:
        return list(people.filter(mobile=phone.mobile(query)))
    except phone.PhoneError:
        return list(people.filter(name__icontains=query.strip())[: _MOST_FOUND + 1])


def _entries(person: User) -> list[AuditEntry]:
    changes = AuditEntry.objects.filter(action="number.changed", subject=f"user:{person.pk}")
    return list(changes.select_related("actor").order_by("-pk")[:10])
