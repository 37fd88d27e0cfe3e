"""Turns a list request's query into SQL conditions (reference/gateways.md §1.5 Query).

Names come in camel case or, from the Python client, partly in snake case; ``criteria/cond/value`` triples and
plain names may be mixed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shopmsg.sandbox import dates
from shopmsg.sandbox.web import Request, invalid, whole_number

_OPERATORS = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_DATES = frozenset({"created", "updated", "scheduled"})


@dataclass(slots=True)
class Filter:
    """``sql`` joins with AND (empty string = everything); ``limit`` is 1..500."""

    sql: str
    values: list[Any]
    limit: int
    start_key: str | None


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def _value(column: str, text: str) -> Any:
    if column not in _DATES:
        return text
    try:
        return dates.parse(text)
    except ValueError as error:
        raise invalid("날짜는 ISO 8601 형식이어야 합니다.") from error


def read(request: Request, columns: Mapping[str, str]) -> Filter:
    """Raises ApiError 400 on an unknown criterion, operator, date or number; ignores other plain names."""
    query = {_camel(name): values[-1] for name, values in request.query.items() if values and values[-1]}
    terms: list[str] = []
    values: list[Any] = []

    def add(name: str, operator: str, text: str) -> None:
        column = columns.get(name)
        if column is None or operator not in _OPERATORS:
            raise invalid(f"검색 조건 {name} {operator}은(는) 쓸 수 없습니다.")
        terms.append(f"{column} {_OPERATORS[operator]} ?")
        values.append(_value(column, text))

    for name in columns:
        if name in query and name not in ("dateCreated", "dateUpdated"):
            add(name, "eq", query[name])
    wanted = [
        word
        for name in request.query
        if _camel(name).startswith("messageIds")
        for word in request.query[name]
    ]
    if wanted:
        found = re.findall(r"[0-9A-Za-z]{8,64}", " ".join(wanted))[:500]
        terms.append(f"id IN ({','.join('?' * len(found))})")
        values.extend(found)
    date_field = "dateUpdated" if query.get("dateType") == "UPDATED" else "dateCreated"
    if "startDate" in query:
        add(date_field, "gte", query["startDate"])
    if "endDate" in query:
        add(date_field, "lte", query["endDate"])
    if "criteria" in query:
        names = query["criteria"].split(",")
        operators = query.get("cond", ",".join(["eq"] * len(names))).split(",")
        words = query.get("value", "").split(",")
        if not len(names) == len(operators) == len(words):
            raise invalid("criteria, cond, value의 개수가 다릅니다.")
        for name, operator, word in zip(names, operators, words, strict=True):
            add(name, operator, word)
    limit = whole_number(query.get("limit"), "limit", 20, 1, 500)
    return Filter(" AND ".join(terms), values, limit, query.get("startKey"))


def page(table: str, found: Filter) -> tuple[str, list[Any]]:
    """The SELECT of one page, newest first, one row more than asked to know the next key."""
    terms = [found.sql] if found.sql else []
    values = list(found.values)
    if found.start_key:
        terms.append(f"seq <= (SELECT seq FROM {table} WHERE id = ?)")
        values.append(found.start_key)
    where = f"WHERE {' AND '.join(terms)} " if terms else ""
    return f"SELECT * FROM {table} {where}ORDER BY seq DESC LIMIT {found.limit + 1}", values
