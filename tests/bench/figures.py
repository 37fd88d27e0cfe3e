"""Figures: medians with their spread, beside what is asked for (issue 2, ux.md)."""

import json
import platform
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Figure:
    """One measured quantity. `target` is the bar, met when at least (or, with `at_most`, at most) that."""

    name: str
    unit: str
    values: list[float]
    target: float | None = None
    at_most: bool = False

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.median <= self.target if self.at_most else self.median >= self.target


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least that share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, -int(-len(ordered) * share // 1) - 1))]


def table(figures: list[Figure]) -> str:
    rows = [("figure", "median", "lowest–highest", "target", "")]
    for figure in figures:
        sign = "≤" if figure.at_most else "≥"
        rows.append(
            (
                figure.name,
                f"{_plain(figure.median)} {figure.unit}",
                f"{_plain(min(figure.values))}–{_plain(max(figure.values))} ({len(figure.values)})",
                "" if figure.target is None else f"{sign} {_plain(figure.target)}",
                {None: "", True: "met", False: "MISSED"}[figure.met],
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def write(figures: list[Figure], path: Path, **more: object) -> None:
    """The figures and the machine as JSON; `more` stands beside them."""
    machine = {
        "cores": psutil.cpu_count(),
        "python": platform.python_version(),
        "load_before": psutil.getloadavg()[0],
    }
    rows = [{**asdict(figure), "median": figure.median, "met": figure.met} for figure in figures]
    path.write_text(
        json.dumps({"machine": machine, "figures": rows, **more}, ensure_ascii=False, indent=2) + "\n"
    )


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"
