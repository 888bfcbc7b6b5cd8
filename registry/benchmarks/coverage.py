"""`virkning benchmark coverage`: simulate, hold against the bands, print; the markdown is fit for METHODS.md."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from registry.benchmarks.coverage_cells import CELLS
from registry.benchmarks.coverage_methods import DRAWS
from registry.benchmarks.coverage_simulation import Figures, simulate
from registry.benchmarks.local import spread_locally
from registry.benchmarks.machine import Machine, this_machine
from registry.kit.clock import today

NAME: Final = "coverage"
TRIALS: Final = 5_000
SEED: Final = 20_261_122
HEAD: Final = (
    "world",
    "band",
    "method",
    "covers, %",
    "rejects, %",
    "width",
    "finds the effect, %",
    "kept out, %",
    "verdict",
)
EXPLAINED: Final = (
    "Every method answers the same trials, in which nobody is affected. Covers: 95 % intervals that hold the truth; "
    "rejects: tests of 5 % that reject it, with the Monte Carlo interval (Wilson, 95 %); width: median of the interval "
    "in standard deviations; finds: power at the effect stated; kept out: trials whose answer is refused or warned of, "
    "so that it is not graded. The method in bold is the one a plan takes that states none. Resampled tests use "
    "{draws} draws; their intervals are what they do not reject.",
    "Bands: (a) 8 or more clusters in each arm: rejects 3 to 7 %; (b) fewer: at most 7 %; (c) permutation as the "
    "assignment was made, nobody affected: at most 5 %; (d) nothing is promised, so that every answer is kept out.",
)


class Coverage(msgspec.Struct, frozen=True):
    """A whole run: enough to repeat it."""

    command: str
    day: date
    machine: Machine
    trials: int
    draws: int
    seed: int
    figures: tuple[Figures, ...]


def run(trials: int, out: Path | None) -> int:
    """Simulate every cell, print the table and write the JSON; 0 also where the table says that a band is missed."""
    with spread_locally():
        found = tuple(simulate(range(len(CELLS)), trials, SEED, _say))
    command = f"virkning benchmark {NAME}" + ("" if trials == TRIALS else f" --trials {trials}")
    report = Coverage(command, today(), this_machine(), trials, DRAWS, SEED, found)
    print(as_markdown(report))
    if out is not None:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    return 0


def as_markdown(report: Coverage) -> str:
    """The table with what its columns mean."""
    head = f"`{report.command}`, {report.day.isoformat()}: {report.trials:,} trials a row, seed {report.seed}."
    words = [line.format(draws=report.draws) for line in EXPLAINED]
    return "\n\n".join(["## Size and coverage", head, *words, _table(report.figures)])


def _table(figures: Sequence[Figures]) -> str:
    rows = [HEAD, ["-" * len(title) for title in HEAD], *(_row(one) for one in figures)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    )


def _row(one: Figures) -> Sequence[str]:
    interval = one.rejection_interval
    rejects = (
        "" if interval is None else f"{_percent(one.rejection)} ({_percent(interval[0])} to {_percent(interval[1])})"
    )
    return (
        one.cell,
        one.band,
        f"**{one.method}**" if one.leads else one.method,
        _percent(one.coverage),
        rejects,
        "" if one.width is None else f"{one.width:.2f}",
        "" if one.power is None else f"{_percent(one.power)} at {one.effect:g}",
        _percent(one.warned),
        one.verdict,
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100.0 * share:.1f}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
