"""`virkning benchmark decisions`: simulate what the rules would decide, print; the markdown is fit for METHODS.md."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from effects.decision_simulation import Share
from registry.benchmarks.decisions_cells import ALL_GOALS_WIN, ALL_PILOTS, DO_NO_HARM, GOOD, TAUS, TRUTHS
from registry.benchmarks.decisions_simulation import Figures, simulate
from registry.benchmarks.local import spread_locally
from registry.benchmarks.machine import Machine, this_machine
from registry.kit.clock import today

NAME: Final = "decisions"
TRIALS: Final = 2_000
SEED: Final = 20_261_122
RULES: Final = (*(pilots.name for pilots in reversed(ALL_PILOTS)), DO_NO_HARM, ALL_GOALS_WIN)
HEAD: Final = ("truth", "rules", *(f"tau {tau:g}" for tau in TAUS), "in stages", "stopped", "settled")
EXPLAINED: Final = (
    "Share of the trials that are rolled out at once, ± its Monte Carlo standard error, with tau (how far the effect "
    "differs between pilots) and SE (of one pilot) in minimal important differences m. In parentheses what the "
    "prototype measured with 2,000 trials and, in bold, what is asked for. The last columns, at tau 0 / 0.3 / 0.6: "
    "rolled out in stages, stopped, and settled by R1 to R4.",
    "4 primaries in 4 domains, guardrails for safety, staff and equity, margin = m, a randomised design of certainty "
    "4, economy held at P = 0.9, every other fact favourable. Errors, and what a pilot does to an indicator, correlate "
    "by 0.3 between the indicators of a pilot; between pilots nothing does. The rows of one pilot are told for "
    "information.",
)


class Decisions(msgspec.Struct, frozen=True):
    """A whole run: enough to repeat it."""

    command: str
    day: date
    machine: Machine
    trials: int
    seed: int
    figures: tuple[Figures, ...]


def run(trials: int, out: Path | None) -> int:
    """Simulate every cell, print the table and write the JSON; 0 also where the table says that a target is missed."""
    command = f"virkning benchmark {NAME}" + ("" if trials == TRIALS else f" --trials {trials}")
    with spread_locally():
        found = tuple(simulate(trials, SEED, _say))
    report = Decisions(command, today(), this_machine(), trials, SEED, found)
    print(as_markdown(report))
    if out is not None:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    return 0


def as_markdown(report: Decisions) -> str:
    """The table with what its columns mean and how many targets are met."""
    head = f"`{report.command}`, {report.day.isoformat()}: {report.trials:,} trials a cell, seed {report.seed}."
    return "\n\n".join(
        ["## What the rules would have decided", head, *EXPLAINED, _table(report.figures), _verdict(report.figures)]
    )


def _verdict(figures: Sequence[Figures]) -> str:
    """How many cells agree with the prototype and meet what is asked; those that do not, by name."""
    own = [one for one in figures if one.rules not in (DO_NO_HARM, ALL_GOALS_WIN)]
    agreeing, asked = [one.agrees for one in own if one.agrees is not None], [one for one in own if one.met is not None]
    missed = [f"{one.truth}, {one.rules}, tau {one.tau:g}" for one in own if one.agrees is False or one.met is False]
    return (
        f"{agreeing.count(True)} of {len(agreeing)} cells of these rules are as the prototype had them within Monte "
        f"Carlo error, or better; {sum(one.met is True for one in asked)} of {len(asked)} targets are met."
        + (f" Missed: {'; '.join(missed)}." if missed else "")
    )


def _table(figures: Sequence[Figures]) -> str:
    cells = {(one.truth, one.rules, one.tau): one for one in figures}
    rows = [HEAD, ["-" * len(title) for title in HEAD]]
    for truth in TRUTHS:
        for rules in RULES:
            at_each = [cells[truth.name, rules, tau] for tau in TAUS if (truth.name, rules, tau) in cells]
            if at_each:
                rows.append(_row(at_each))
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    )


def _row(at_each: Sequence[Figures]) -> Sequence[str]:
    beside = [[one.in_stages for one in at_each], [one.stopped for one in at_each], [one.settled for one in at_each]]
    return (at_each[0].truth, at_each[0].rules, *(_cell(one) for one in at_each), *(_shares(part) for part in beside))


def _cell(one: Figures) -> str:
    told = [] if one.prototype is None else [f"{one.prototype:.3f}{'' if one.agrees else ' differs'}"]
    if one.bound is not None:
        sign = ">=" if one.truth in GOOD else "<="
        told.append(f"**{sign} {one.bound:g} {'met' if one.met else 'missed'}**")
    share = f"{one.rolled_out.share:.4f} ± {one.rolled_out.error:.4f}"
    return f"{share} ({', '.join(told)})" if told else share


def _shares(part: Sequence[Share | None]) -> str:
    return " / ".join("" if one is None else f"{one.share:.3f}" for one in part) if part[0] else ""


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
