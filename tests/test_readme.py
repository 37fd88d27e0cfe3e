"""What is written down about the project, held against the project."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = (
    "README.md", "docs/api.md", "docs/billing.md", "docs/operations.md", "docs/settings.md", "docs/signup.md",
)  # fmt: skip
# Made by a run, not kept in the tree.
_MADE = (".data", ".venv", "bench.json", "shopmsg.tar", "shopmsg.dump", "media.tar", ".env")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def quoted(text: str) -> set[str]:
    """What stands between backticks, outside indented blocks."""
    prose = "\n".join(line for line in text.splitlines() if not line.startswith("    "))
    return set(re.findall(r"`([^`\n]+)`", prose))


def rows_under(heading: str, text: str) -> dict[str, str]:
    """First cell without backticks → second cell, of the table under a heading."""
    section = text.split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]
    return dict(re.findall(r"^\| `([^`]+)` \| (.*?) \|$", section, re.MULTILINE))


@pytest.mark.parametrize("group", ["app", "local", "test"])
def test_every_dependency_stands_in_the_readme_with_its_reason_and_no_other(group: str) -> None:
    wanted = tomllib.loads(read("pyproject.toml"))["dependency-groups"][group]
    names = {re.match(r"[A-Za-z0-9_.-]+", entry)[0] for entry in wanted}  # type: ignore[index]
    told = rows_under(f"### {group}", read("README.md"))
    assert set(told) == names
    assert all(len(reason) > 10 for reason in told.values())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_is_named_exists(document: str) -> None:
    text = read(document)
    looks_like_a_path = re.compile(r"[\w.-]+(/[\w.*-]+)*/|([\w.-]+/)+[\w.*-]+|[\w-]+\.(py|toml|lock|md|yml)")
    named = {token for token in quoted(text) if looks_like_a_path.fullmatch(token)}
    named |= {target for target in re.findall(r"\]\(([^)]+)\)", text) if "://" not in target}
    named = {path for path in named if not path.startswith(_MADE) and "*" not in path}
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_make_target_is_in_the_readme_and_every_one_named_exists() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)
    assert phony is not None
    targets = set(phony[1].split())
    assert set(re.findall(r"(?:`|^    )make ([a-z-]+)", read("README.md"), re.MULTILINE)) == targets
    for document in DOCUMENTS:
        named = {
            token.split("make ", 1)[1].split()[0] for token in quoted(read(document)) if "make " in token
        }
        assert named <= targets


def _variables(*files: str) -> set[str]:
    """Names of environment variables that these settings read."""
    return {
        name
        for file in files
        for name in re.findall(r"\benv\.\w+\(\s*\"(\w+)\"", read(f"shopmsg/settings/{file}"))
    }


def _explained() -> set[str]:
    cells = re.findall(r"^\| (`[A-Z_0-9]+`(?:, `[A-Z_0-9]+`)*) \|", read("docs/settings.md"), re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"\w+", cell)}


def test_every_variable_the_settings_read_is_explained() -> None:
    assert len(_variables("base.py")) > 15
    assert _variables("base.py", "prod.py", "dev.py", "test.py") <= _explained()


def test_production_finds_every_variable_in_the_example_and_none_that_is_not_explained() -> None:
    example = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", read("docs/deploy/env.example"), re.MULTILINE))
    assert _variables("base.py", "prod.py") <= example <= _explained()


def test_no_variable_is_explained_that_nobody_reads() -> None:
    readers = [read("docker-compose.yml"), *(path.read_text() for path in (ROOT / "shopmsg").rglob("*.py"))]
    assert [name for name in sorted(_explained()) if not any(name in text for text in readers)] == []


def test_every_instrument_of_the_operators_page_is_in_its_table_of_what_to_do() -> None:
    source = read("shopmsg/home/views/operator.py")
    labels = set(re.findall(r"(?:Reading|_level|_waiting)\(\s*\"([^\"]+)\"", source))
    assert len(labels) > 8
    told = read("docs/operations.md")
    # A size is told for information only.
    assert [label for label in sorted(labels - {"데이터베이스 크기"}) if label not in told] == []
