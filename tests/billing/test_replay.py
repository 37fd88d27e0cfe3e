"""`manage.py replay_billing`: a history from a file, reckoned line by line; a wrong file is refused whole."""

import io
import json
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from billing.replay import replay
from billing.replay_file import read
from billing.replay_object import BadFile
from tests.billing import oracle
from tests.billing.histories import REASONS, tell

WORKED: dict[str, Any] = {"product": "soho", "activated": "2026-01-01", "term_months": 36}


def replayed(tmp_path: Path, story: object, *arguments: str) -> str:
    path = tmp_path / "contract.json"
    path.write_bytes(story if isinstance(story, bytes) else json.dumps(story).encode())
    out = io.StringIO()
    call_command("replay_billing", "--contract", str(path), *arguments, stdout=out)
    return out.getvalue()


def problems(story: object) -> list[tuple[str, str]]:
    with pytest.raises(BadFile) as bad:
        read(story if isinstance(story, bytes) else json.dumps(story).encode())
    for problem in bad.value.problems:
        assert problem.message.endswith("요."), problem
    return [(problem.place, problem.code) for problem in bad.value.problems]


def test_the_worked_case_prints_every_line_with_its_sentence_and_what_leaving_costs(tmp_path: Path) -> None:
    printed = replayed(tmp_path, WORKED, "--on", "2026-12-31")
    assert printed.count("3년 약정  13,200원") == 11
    assert "1월 1일~31일 첫 달은 무료라서 1월 31일까지 요금이 없어요." in printed
    assert "합계 13,200원 (공급가액 12,000원, 부가세 1,200원) · 지금까지 145,200원" in printed
    assert "2026년 12월 31일까지 쓰고 해지하면 할인반환금 60,720원" in printed
    assert "2~9개월째 52,800원의 85%, 10~12개월째 19,800원의 80%" in printed


def test_machines_get_the_same_in_json(tmp_path: Path) -> None:
    story = {**WORKED, "changes": [{"on": "2026-12-31", "do": "cancel", "last_day": "2026-12-31"}]}
    found = json.loads(replayed(tmp_path, story, "--on", "2026-12-31", "--json"))
    assert [month["month"] for month in found["months"]] == [f"2026-{month:02}" for month in range(1, 13)]
    last = found["months"][-1]
    assert [(line["kind"], line["amount_krw"]) for line in last["lines"]] == [
        ("service", 13_200),
        ("refund", 60_720),
    ]
    assert (last["amount_krw"], last["supply_krw"] + last["vat_krw"]) == (73_920, 73_920)
    assert last["so_far_krw"] == 11 * 13_200 + 60_720
    assert found["leaving"] == {"krw": None, "sentence": "2026년 12월 31일까지 쓰고 해지했어요."}


def test_a_month_that_has_not_ended_is_reckoned_to_the_day_and_later_changes_have_not_happened(
    tmp_path: Path,
) -> None:
    story = {**WORKED, "changes": [{"on": "2026-03-10", "do": "leave_commitment"}]}
    printed = replayed(tmp_path, story, "--on", "2026-03-09")
    assert "2026년 3월 (9일까지)" in printed
    assert f"13,200원 × 9일 ÷ 31일 = {13_200 * 9 // 31:,}원" in printed
    assert "할인반환금 3년 약정" not in printed
    assert "할인반환금 3년 약정" in replayed(tmp_path, story, "--on", "2026-03-10")


def test_without_a_day_today_in_korea_counts(tmp_path: Path) -> None:
    with time_machine.travel("2026-02-28T15:30:00+00:00", tick=False):  # 1 March, 00:30 in Korea
        assert "2026년 3월 (1일까지)" in replayed(tmp_path, WORKED)


def test_late_usage_is_billed_when_it_arrives_and_says_so(tmp_path: Path) -> None:
    story = {
        **WORKED,
        "fees": [{"kind": "alimtalk", "from": "2026-01-01", "won": 9}],
        "usage": [
            {"key": "a", "kind": "alimtalk", "on": "2026-02-10", "quantity": 100, "arrived": "2026-02-11"},
            {"key": "b", "kind": "alimtalk", "on": "2026-02-20", "quantity": 23, "arrived": "2026-04-02"},
        ],
    }
    found = json.loads(replayed(tmp_path, story, "--on", "2026-04-30", "--json"))
    used = {
        month["month"]: [(line["supply_krw"], line["vat_krw"], "늦게 도착" in line["sentence"])]
        for month in found["months"]
        for line in month["lines"]
        if line["kind"] == "usage"
    }
    assert used == {"2026-02": [(900, 90, False)], "2026-04": [(207, 21, True)]}


def test_what_the_simulator_says_is_what_the_oracle_says() -> None:
    for seed in range(1_000, 1_040):
        story, _ = tell(Random(seed), most_months=15)
        refused = oracle.live(story, date(2033, 1, 1)).refused
        story["changes"] = [step for index, step in enumerate(story["changes"]) if index not in refused]
        try:
            history = read(json.dumps(story).encode())
        except BadFile:
            assert oracle.Oracle(story).why_not
            continue
        on = history.contract.starts_on.replace(year=history.contract.starts_on.year + 1, day=17)
        found = replay(history, on)
        if found.leaving_krw is not None:
            assert found.leaving_krw == (oracle.leave(story, on) or 0), seed
        assert found.leaving_sentence.endswith((".", "요."))


def test_every_problem_of_a_file_is_named_with_its_place() -> None:
    story = {
        "product": "gold",
        "activated": "2026-02-30",
        "term_months": 12.5,
        "changs": [],
        "prices": [
            {"product": "basic", "from": "2027-01-01", "list_krw": -5},
            {"product": "basic", "from": "2027-01-01", "list_krw": 9_000.5},
            {"product": "soho", "from": "2021-09-01", "list_krw": 9, "commitments": {"12": 10, "48": 1}},
        ],
        "bands": [
            {"from": "2027-01-01", "source": "", "rates": {"12": [[12, 5]], "24": [[3, 5], [2, 5], [24, 1]]}}
        ],
        "changes": [
            {"on": "2026-03-11", "do": "pause"},
            {"on": "11.3.2026", "do": "dance", "with": "me"},
            7,
            {"on": "2026-03-12", "do": "cancel", "last_day": "2026-03-12", "why": ""},
        ],
        "usage": [
            {"key": "a", "kind": "town_tv", "on": "2026-02-10", "quantity": 0, "arrived": "2026-02-10"},
            {"key": "a", "kind": "alimtalk", "on": "2026-02-10", "quantity": 1, "arrived": "2026-02-09"},
            {"key": "b", "kind": "town_tv", "on": "2026-02-10", "quantity": True, "arrived": "2026-02-10"},
        ],
    }
    assert sorted(problems(story)) == sorted(
        [
            ("product", "invalid"),
            ("activated", "invalid"),
            ("term_months", "invalid"),
            ("changs", "unknown_field"),
            ("prices[0].list_krw", "invalid"),
            ("prices[1].list_krw", "invalid"),
            ("prices[1].from", "overlap"),
            ("prices[2].commitments.12", "invalid"),
            ("prices[2].commitments.48", "unknown_field"),
            ("prices[2].from", "overlap"),
            ("bands[0].rates.24", "gap"),
            ("bands[0].rates.36", "missing"),
            ("bands[0].source", "invalid"),
            ("changes[0].until", "missing"),
            ("changes[1].on", "invalid"),
            ("changes[1].do", "invalid"),
            ("changes[2]", "not_an_object"),
            ("changes[3].why", "unknown_field"),
            ("usage[0].quantity", "invalid"),
            ("usage[1].arrived", "past"),
            ("usage[1].kind", "no_fee"),
            ("usage[1].key", "twice"),
            ("usage[2].quantity", "invalid"),
        ]
    )


def test_changes_that_may_not_be_made_are_problems_of_their_place() -> None:
    story = {
        **WORKED,
        "changes": [
            {"on": "2026-02-01", "do": "commit", "term_months": 12},
            {"on": "2026-02-02", "do": "join_bundle", "bundle": "success_pack"},
            {"on": "2026-02-03", "do": "cancel", "last_day": "2026-02-28"},
            {"on": "2026-02-03", "do": "cancel", "last_day": "2026-02-28"},
            {"on": "2026-02-04", "do": "commit", "term_months": 36},
        ],
    }
    found = problems(story)
    assert found == [
        ("changes[0]", "lower_commitment"),
        ("changes[1]", "bundle_requires_no_commitment"),
        ("changes[3]", "cancelled"),
        ("changes[4]", "cancelled"),
    ]
    assert {code for _, code in found} <= REASONS.keys()


@pytest.mark.parametrize(
    ("raw", "place", "code"),
    [
        (b'{"product": "soho",\n "activated": }', "2번째 줄 15번째 글자", "not_json"),
        (b"", "1번째 줄 1번째 글자", "not_json"),
        ('{"product":\n"소상공인형"}'.encode("euc-kr"), "2번째 줄", "not_utf8"),
        (b'{"product": "soho", "product": "basic"}', "product", "twice"),
        (b"[" * 100_000, "파일", "not_json"),
        (b'{"term_months": ' + b"9" * 5_000 + b"}", "파일", "not_json"),
        (b'"' + b"a" * 1_000_001 + b'"', "파일", "too_long"),
    ],
)
def test_what_is_no_json_is_said_with_its_line(raw: bytes, place: str, code: str) -> None:
    assert problems(raw) == [(place, code)]


def test_a_list_is_no_history() -> None:
    assert ("파일", "not_an_object") in problems([])


def test_a_wrong_file_prints_nothing_and_exits_with_2(tmp_path: Path) -> None:
    out = io.StringIO()
    path = tmp_path / "contract.json"
    path.write_text(json.dumps({**WORKED, "term_months": "36"}))
    for arguments in ([], ["--json"]):
        with pytest.raises(CommandError, match="term_months") as refusal:
            call_command("replay_billing", "--contract", str(path), *arguments, stdout=out)
        assert refusal.value.returncode == 2
    assert json.loads(str(refusal.value))["problems"][0]["code"] == "invalid"
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--on", "2025-12-31"], "--on: 개통한 2026-01-01"), (["--contract", "/nowhere"], "/nowhere: ")],
)
def test_a_day_before_the_activation_and_a_missing_file_are_said(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError) as refusal:
        replayed(tmp_path, WORKED, *arguments)
    assert said in str(refusal.value)
    assert refusal.value.returncode == 2


def test_prices_that_no_longer_sell_what_the_contract_has_are_a_problem_of_the_file(tmp_path: Path) -> None:
    story = {
        "product": "soho",
        "activated": "2026-01-01",
        "bundle": "assistant_pack",
        "prices": [{"product": "soho", "from": "2026-03-01", "list_krw": 22_000}],
    }
    with pytest.raises(CommandError, match=r"prices: .*결합이 없어요") as refusal:
        replayed(tmp_path, story, "--on", "2026-04-30")
    assert refusal.value.returncode == 2
