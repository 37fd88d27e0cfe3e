"""통장 (admins): statements taken in, deposits put to shops, and what was put wrongly taken back."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import bank, bank_facts
from billing.bank import BankRefused
from billing.bank_match import Candidate, owed
from billing.bank_read import FileRefused
from billing.models import BankImport, BankLine, BankLineState
from shopmsg.accounts import audit, kept_words
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import KST, format_day, format_moment, kst_day
from shopmsg.core.keys import number_in
from shopmsg.core.money import format_won
from shopmsg.core.spreadsheet_files import CSV, csv_bytes

PAGE: Final = 20
#: Lines looked at while somebody waits; the rest is billing.tasks'.
AT_ONCE: Final = 300
_PROBLEMS_SHOWN: Final = 20
_IMPORTS_SHOWN: Final = 5
_LONGEST: Final = 60
_LINES: Final = "bank_line_searches"
_SHOPS: Final = "bank_shop_searches"
_S: Final = BankLineState
#: `?part=`, what it is called, what is said when it is empty.
PARTS: Final = (
    (_S.OPEN, "확인할 입금", "확인할 입금 없음", "누구 돈인지 확실하지 않은 입금이 여기에 표시."),
    (_S.MATCHED, "가게에 넣음", "가게에 넣은 입금 없음", "입금 번호나 이름·금액이 맞는 입금이 여기에 표시."),
    (_S.SET_ASIDE, "우리 것 아님", "따로 둔 입금 없음", "요금이 아닌 입금이 여기에 표시."),
)
_TONES: Final = {_S.OPEN: "held", _S.MATCHED: "sent", _S.SET_ASIDE: "skipped"}


class UploadForm(forms.Form):
    """통장 거래내역 올리기."""

    file = forms.FileField(
        label="은행에서 받은 거래내역",
        help_text="xlsx나 csv, 5MB·20,000줄까지. 같은 파일을 다시 올려도 한 번만 넣음",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={"required": "파일을 먼저 고르기", "invalid": "파일을 다시 고르기"},
    )


class ReasonForm(forms.Form):
    """Why a line is decided by hand."""

    reason = forms.CharField(
        label="까닭",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "까닭을 한 줄로 적기", "max_length": "까닭을 100자 안으로 줄이기"},
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One deposit of the list."""

    line: BankLine
    when: str
    sender: str
    tone: str
    candidates: list[tuple[Shop, Candidate]]


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """One list (`?part=`), searched (POST `words`, then `?q=` a word that stands for it), with what became of an upload
    (`?import=`). A POST of a file is an upload: what is sure is paid at once, up to a few hundred lines while the person
    waits."""
    if request.method == "POST" and "words" not in request.POST:
        return _upload(request)
    if request.method == "POST":
        words = request.POST.get("words", "").strip()[:_LONGEST]
        kept = {"part": _part(request), "q": kept_words.keep(request, _LINES, words) if words else ""}
        return redirect(_address(kept))
    return _index(request, UploadForm(label_suffix=""))


def _upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES, label_suffix="")
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = bank.take_in(
                str(file.name),
                file,
                file.size,
                by=user_of(request),
                address=audit.address_of(request),
                now=timezone.now(),
            )
        except FileRefused as refused:
            form.add_error("file", refused.message)
        else:
            _settle()
            return redirect(f"{reverse('billing:bank')}?{urlencode({'import': made.pk})}")
    return _index(request, form, status=422)


@never_cache
@staff_required(Role.ADMIN)
@require_POST
def look_again(request: HttpRequest) -> HttpResponse:
    """다시 맞추기: every open line once more, against the bills of today."""
    looked = bank.look_again()
    matched = _settle()
    messages.success(request, f"입금 {looked:,}줄을 다시 맞춰 {matched:,}줄을 가게에 넣음")
    return redirect("billing:bank")


@never_cache
@staff_required(Role.ADMIN)
@require_safe
def problems(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows of an upload that could not be read, as csv."""
    made = get_object_or_404(BankImport, pk=pk)
    rows = [[each["row"], each["field"], each["value"], each["why"]] for each in made.problems]
    answer = HttpResponse(csv_bytes(["줄", "칸", "적힌 것", "까닭"], rows), content_type=CSV)
    answer["Content-Disposition"] = f'attachment; filename="bank-{made.pk}-problems.csv"'
    return answer


@never_cache
@staff_required(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """One deposit: whose it may be, shops searched for (POST `words`), and the ways to decide by POST with `reason`: 가게에 넣기
    (`shop`: its slug), 우리 것 아님 (`verdict=set_aside`), 되돌리기 (`verdict=undo`)."""
    found = _line(pk)
    if request.method == "POST" and "words" not in request.POST:
        return _decide(request, found)
    if request.method == "POST":
        words = request.POST.get("words", "").strip()[:_LONGEST]
        query = urlencode({"q": kept_words.keep(request, _SHOPS, words)}) if words else ""
        return redirect(f"{reverse('billing:bank_line', args=[pk])}?{query}".rstrip("?"))
    return _line_page(request, found, ReasonForm(label_suffix=""))


def _decide(request: HttpRequest, found: BankLine) -> HttpResponse:
    pk, form = found.pk, ReasonForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _line_page(request, found, form, status=422)
    reason, verdict = form.cleaned_data["reason"], request.POST.get("verdict", "")
    who: dict[str, Any] = {
        "reason": reason, "by": user_of(request), "address": audit.address_of(request), "now": timezone.now(),
    }  # fmt: skip
    try:
        if verdict == "set_aside":
            bank.set_aside(pk, **who)
            said = "우리 것 아님으로 따로 둠"
        elif verdict == "undo":
            bank.undo(pk, **who)
            said = "되돌림. 확인할 입금에 다시 표시"
        else:
            shop = Shop.objects.filter(slug=request.POST.get("shop", "")).first()
            if shop is None:
                form.add_error(None, "넣을 가게를 먼저 고르기")
                return _line_page(request, found, form, status=422)
            bank.assign(pk, shop, **who)
            said = f"{shop.name}에 {format_won(found.amount_krw)} 넣음"
    except BankRefused as refused:
        messages.error(request, refused.message)
        return redirect("billing:bank_line", pk)
    messages.success(request, said)
    return redirect(_address({"done": str(pk)}))


def _settle() -> int:
    return bank.settle(timezone.now(), most=AT_ONCE).matched


def _index(request: HttpRequest, form: UploadForm, *, status: int = 200) -> HttpResponse:
    part = _part(request)
    key = request.GET.get("q", "")
    words = kept_words.kept(request, _LINES, key)
    before = number_in(request.GET.get("before", ""))
    found = BankLine.objects.filter(state=part)
    if words:
        found = found.filter(_matching(words))
    if before is not None:
        found = found.filter(pk__lt=before)
    lines = list(found.select_related("shop").order_by("-pk")[: PAGE + 1])
    kept = {"part": part, "q": key if words else ""}
    older = lines[PAGE - 1].pk if len(lines) > PAGE else None
    counts = dict(BankLine.objects.values_list("state").annotate(number=Count("pk")))
    _, label, empty, explained = next(each for each in PARTS if each[0] == part)
    made = _import(request)
    done = number_in(request.GET.get("done", ""))
    context = {
        "form": form,
        "part": part,
        "part_label": label,
        "parts": [(value, name, counts.get(value, 0)) for value, name, _, _ in PARTS],
        "empty": empty,
        "explained": explained,
        "rows": _rows(lines[:PAGE]),
        "words": words,
        "first_url": _address(kept) if before is not None else "",
        "older_url": _address({**kept, "before": str(older)}) if older else "",
        "waiting": BankLine.objects.filter(state=_S.OPEN, why="", decided_at__isnull=True).exists(),
        "imported": made,
        "imported_counts": _counts(made) if made else None,
        "problems": made.problems[:_PROBLEMS_SHOWN] if made else [],
        "more_problems": max(0, len(made.problems) - _PROBLEMS_SHOWN) if made else 0,
        "imports": [
            (each, format_moment(each.created_at))
            for each in BankImport.objects.select_related("by").order_by("-pk")[:_IMPORTS_SHOWN]
        ],
        "done": BankLine.objects.filter(pk=done).first() if done else None,
    }
    return render(request, "billing/staff/bank.html", context, status=status)


def _line_page(request: HttpRequest, found: BankLine, form: ReasonForm, *, status: int = 200) -> HttpResponse:
    words = kept_words.kept(request, _SHOPS, request.GET.get("q", ""))
    facts = bank_facts.found_for(words) if words else []
    shops = bank_facts.shops_by_id(each.shop_id for each in facts)
    facts_shown = [
        ("언제", when(found)),
        ("얼마", format_won(found.amount_krw)),
        ("보낸 사람", found.sender or "적히지 않음"),
        ("메모", found.memo or "없음"),
        ("파일", f"{found.imported.name} · {format_moment(found.imported.created_at)}"),
        ("상태", found.get_state_display()),
    ]
    if found.shop is not None:
        facts_shown.append(("가게", found.shop.name))
    if found.why:
        facts_shown.append(("까닭", found.why))
    if found.decided_by is not None:
        facts_shown.append(("처리한 사람", found.decided_by.shown_name))
    context = {
        "line": found,
        "form": form,
        "facts": facts_shown,
        "row": _rows([found])[0],
        "words": words,
        "found": [(shops[each.shop_id], owed(each.owed_krw)) for each in facts],
        "chosen": request.POST.get("shop", ""),
    }
    return render(request, "billing/staff/bank_line.html", context, status=status)


def _rows(lines: list[BankLine]) -> list[Row]:
    open_lines = [each for each in lines if each.state == _S.OPEN]
    likely = bank_facts.candidates_of(open_lines) if open_lines else {}
    shops = bank_facts.shops_by_id(each.facts.shop_id for some in likely.values() for each in some)
    return [
        Row(
            line=each,
            when=when(each),
            sender=" · ".join(filter(None, [each.sender, each.memo])) or "보낸 사람 적히지 않음",
            tone=_TONES[BankLineState(each.state)],
            candidates=[(shops[some.facts.shop_id], some) for some in likely.get(each.pk, [])],
        )
        for each in lines
    ]


def when(found: BankLine) -> str:
    """The moment of a deposit, or its day alone where the bank said no more."""
    local = found.at.astimezone(KST)
    midnight = not (local.hour or local.minute or local.second)
    return format_day(kst_day(found.at)) if midnight else format_moment(found.at)


def _matching(words: str) -> Q:
    named = Q(sender__icontains=words) | Q(memo__icontains=words) | Q(shop__name__icontains=words)
    digits = words.replace(",", "").removesuffix("원")
    return (
        named | Q(amount_krw=int(digits))
        if digits.isascii() and digits.isdigit() and len(digits) < 10
        else named
    )


def _counts(made: BankImport) -> dict[str, int]:
    lines = made.lines.aggregate(
        matched=Count("pk", filter=Q(state=_S.MATCHED)), open=Count("pk", filter=Q(state=_S.OPEN))
    )
    return {"matched": lines["matched"], "open": lines["open"]}


def _import(request: HttpRequest) -> BankImport | None:
    pk = number_in(request.GET.get("import", ""))
    return BankImport.objects.filter(pk=pk).first() if pk is not None else None


def _part(request: HttpRequest) -> str:
    given = request.GET.get("part", "")
    return given if given in _S.values else _S.OPEN


def _line(pk: int) -> BankLine:
    return get_object_or_404(BankLine.objects.select_related("imported", "shop", "decided_by"), pk=pk)


def _address(query: dict[str, str]) -> str:
    kept = {name: value for name, value in query.items() if value and (name, value) != ("part", _S.OPEN)}
    return f"{reverse('billing:bank')}?{urlencode(kept)}".rstrip("?")
