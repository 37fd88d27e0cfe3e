"""python -m tests.tree: what no other linter sees. Exits 1 with one line a finding."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 400
# The brackets keep this file from finding itself.
_ADDRESSES = re.compile(
    r"py[p]i\.org|python[h]osted|npm[j]s\.|deb\.[d]ebian|(?<![\w.})])/(?:[r]oot|[w]ork|[h]ome/\w+|[U]sers/\w+)/"
)
_BINARY = {".png", ".jpg", ".jpeg", ".webp", ".ico", ".gif", ".woff2", ".ttf", ".otf", ".gz", ".bin", ".svg"}


def tracked(root: Path) -> list[Path]:
    """Files that are or would be in the repository; without git, everything that is not generated."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True
    )
    if listed.returncode == 0:
        return [root / name for name in listed.stdout.splitlines() if (root / name).is_file()]
    generated = {".git", ".venv", ".data", "__pycache__"}
    return [path for path in root.rglob("*") if path.is_file() and not generated & set(path.parts)]


def findings(root: Path) -> list[str]:
    found = []
    for path in tracked(root):
        name = path.relative_to(root).as_posix()
        if path.suffix in _BINARY:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.splitlines()
        exempt = name.startswith("tests/") or "/migrations/" in name
        if path.suffix == ".py" and not exempt and len(lines) > LONGEST:
            found.append(f"{name}: {len(lines)} lines, at most {LONGEST}")
        for number, line in enumerate(lines, 1):
            if match := _ADDRESSES.search(line):
                found.append(f"{name}:{number}: a registry's host or a path of one machine: {match.group()}")
    return found + _unchecked_packages(root)


def _unchecked_packages(root: Path) -> list[str]:
    """Every top-level package must be known to import-linter, or its imports go unchecked."""
    project = tomllib.loads((root / "pyproject.toml").read_text())
    known = set(project["tool"]["importlinter"]["root_packages"])
    packages = {path.parent.name for path in root.glob("*/__init__.py")} - {"tests"}
    return [f"{name}: not in root_packages of [tool.importlinter]" for name in sorted(packages - known)]


if __name__ == "__main__":
    problems = findings(ROOT)
    print("\n".join(problems) or "tree: clean")
    sys.exit(bool(problems))
