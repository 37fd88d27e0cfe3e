"""Reading JSON that people wrote: every problem is noted with its place, and reading goes on."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

#: Days a file may speak of.
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
#: What a file may hold at most: characters, and entries of one list.
LONGEST: Final = 1_000_000
MOST_ENTRIES: Final = 10_000
_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place ("changes[3].on"): one Korean sentence, and a code for machines."""

    place: str
    code: str
    message: str


class BadFile(Exception):
    """A file that cannot be read; `problems` in the order they were found, at least one."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{problem.place}: {problem.message}" for problem in self.problems))


class ReadObject:
    """One JSON object being read. Each method takes a field out of it; where it is missing without a `default`, or is not
    what it should be, the problem is noted and something harmless given."""

    def __init__(self, value: Any, place: str, problems: list[Problem]) -> None:
        self.place = place
        self.problems = problems
        self._rest: dict[str, Any] = dict(value) if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.problem("", "not_an_object", "{ }로 묶어 적어 주세요.")
        self.readable = isinstance(value, dict)

    def problem(self, name: str, code: str, message: str) -> None:
        """Note a problem of that field, "" for the object itself."""
        self.problems.append(Problem(self.at(name), code, message))

    def at(self, name: str) -> str:
        """The place of a field."""
        return ".".join(part for part in (self.place, name) if part) or "파일"

    def text(self, name: str, default: str | None = None) -> str:
        """At most 100 characters; empty only where the default is."""
        found = self._take(name, default)
        if isinstance(found, str) and len(found) <= 100 and (found or default == ""):
            return found
        return str(self._wrong(name, found, "1자에서 100자까지의 글자로 적어 주세요.", ""))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, () when it is missing."""
        found = self._take(name, [])
        if isinstance(found, list) and all(isinstance(part, str) for part in found):
            return tuple(found)
        self._wrong(name, found, "글자를 [ ]로 묶어 적어 주세요.", None)
        return ()

    def choice(self, name: str, among: Collection[str], default: str | None = None) -> str:
        """One of these words."""
        found = self._take(name, default)
        if isinstance(found, str) and found in among:
            return found
        return str(
            self._wrong(name, found, f"{', '.join(among)} 가운데 하나를 적어 주세요.", next(iter(among)))
        )

    def flag(self, name: str, *, default: bool) -> bool:
        """true or false."""
        found = self._take(name, default)
        if isinstance(found, bool):
            return found
        self._wrong(name, found, "true나 false로 적어 주세요.", None)
        return default

    def day(self, name: str) -> date:
        """YYYY-MM-DD, of this century."""
        found = self._take(name, None)
        if isinstance(found, str) and len(found) == 10 and found.isascii():
            try:
                day = date.fromisoformat(found)
            except ValueError:
                day = date.max
            if FIRST_DAY <= day <= LAST_DAY:
                return day
        self._wrong(name, found, "2026-11-22처럼 2000년에서 2099년 사이의 날짜를 적어 주세요.", None)
        return FIRST_DAY

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number in these bounds, both counted; won are that too."""
        found = self._take(name, default)
        if isinstance(found, int) and not isinstance(found, bool) and least <= found <= most:
            return found
        self._wrong(name, found, f"{least:,}에서 {most:,}까지의 정수를 적어 주세요.", None)
        return least

    def field(self, name: str) -> "ReadObject":
        """An object inside it, empty when it is missing."""
        return ReadObject(self._take(name, {}), self.at(name), self.problems)

    def names(self) -> tuple[str, ...]:
        """The fields that were not taken yet."""
        return tuple(self._rest)

    def pairs(self, name: str) -> tuple[tuple[int, int], ...]:
        """A list of pairs of whole numbers."""
        found = self._take(name, None)
        if isinstance(found, list) and found and all(_is_pair(pair) for pair in found):
            return tuple((pair[0], pair[1]) for pair in found)
        self._wrong(name, found, "[[9, 85], [12, 80]]처럼 적어 주세요.", None)
        return ()

    def objects(self, name: str) -> Iterator["ReadObject"]:
        """The objects of a list, none when it is missing. What an object holds beyond what was taken from it is noted when
        the next one is asked for."""
        found = self._take(name, [])
        if not isinstance(found, list) or len(found) > MOST_ENTRIES:
            self._wrong(name, found, f"[ ]로 묶어 {MOST_ENTRIES:,}개까지 적어 주세요.", None)
            return
        for index, value in enumerate(found):
            row = ReadObject(value, f"{self.at(name)}[{index}]", self.problems)
            if row.readable:
                yield row
                row.nothing_else()

    def nothing_else(self) -> None:
        """Note every field that nobody took: a misspelt name must not pass for one that is missing."""
        for name in self._rest:
            self.problem(name, "unknown_field", "모르는 항목이에요. 이름을 확인해 주세요.")

    def forget(self) -> None:
        """Say nothing of the fields that were not taken: it is not known which there should be."""
        self._rest.clear()

    def _take(self, name: str, default: object) -> Any:
        found = self._rest.pop(name, _MISSING)
        if found is _MISSING:
            return _MISSING if default is None else default
        return found

    def _wrong(self, name: str, found: object, message: str, instead: object) -> object:
        if found is _MISSING:
            # Inside something unreadable nothing more is said.
            if self.readable:
                self.problem(name, "missing", f"빠졌어요. {message}")
        else:
            self.problem(name, "invalid", message)
        return instead


def load(raw: bytes) -> Any:
    """JSON of UTF-8 bytes. Raises BadFile: other encodings, no JSON, a name twice in one object, too long."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadFile([Problem(f"{line}번째 줄", "not_utf8", "UTF-8로 저장한 파일이 아니에요.")]) from None
    if len(text) > LONGEST:
        raise BadFile([Problem("파일", "too_long", f"{LONGEST:,}자까지 읽을 수 있어요.")])
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        where = f"{error.lineno}번째 줄 {error.colno}번째 글자"
        message = "JSON이 아니에요. 따옴표, 쉼표, 괄호를 확인해 주세요."
        raise BadFile([Problem(where, "not_json", message)]) from None
    except (ValueError, RecursionError):
        # Numbers of thousands of digits, brackets in thousands of brackets.
        raise BadFile([Problem("파일", "not_json", "너무 길거나 너무 깊어서 읽을 수 없어요.")]) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadFile([Problem(twice[:100], "twice", "같은 이름이 한 묶음에 두 번 있어요.")])
    return found


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(part, int) and not isinstance(part, bool) and abs(part) <= 1_000 for part in value)
    )
