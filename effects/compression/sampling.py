"""Which rows an outcome can use, as SQL, and the counts that account for the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from effects.codes import DropReason
from effects.compression.relation import Grid, Relation, number, quoted
from effects.moments import CONSTANT, OUTCOME, TREATED
from effects.planning.sections import Outcome, PlanSections
from effects.planning.terms import Term, Transform, parse_term
from effects.results import Dropped

_COUNTED: Final = (DropReason.MISSING_ROLE, DropReason.MISSING_OUTCOME, DropReason.MISSING_COVARIATE)


@dataclass(frozen=True, slots=True)
class Sample:
    """The complete rows of one outcome as a subquery, and its numeric columns.

    The subquery's columns are g (cluster), u (unit), p (period), s (strata), h (people), t (treated, 0 or 1), x0, x1 …
    (covariates) and y (outcome), the last two less the origin of their grid; a part that the plan does not state is
    absent. `grids` are those of x0 … and y.
    """

    rows: str
    terms: tuple[str, ...]
    grids: tuple[Grid, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A numeric column: its name in the cross-products, its SQL, how large it can be, and what was subtracted."""

    name: str
    value: str
    reach: float
    base: str
    origin: float


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of all, used for some outcome, dropped by reason, and by arm (untreated, treated) before any is dropped.

    `missing` are the rows without the outcome, for each outcome; `missing_in_arm` those of them in a known arm.
    `satisfied` are the rows that satisfy each further test.
    """

    rows: int
    used: int
    dropped: tuple[Dropped, ...]
    dropped_by_outcome: tuple[tuple[Dropped, ...], ...]
    in_arm: tuple[int, int]
    missing_in_arm: tuple[tuple[int, int], ...]
    missing: tuple[int, ...]
    satisfied: tuple[int, ...]


def placed(relation: Relation, plan: PlanSections) -> str:
    """SQL: whether a row has a value in every column that places it."""
    stated = (plan.data.treated, plan.data.unit, plan.data.period, plan.data.assignment)
    return " AND ".join(relation.known(column) for column in dict.fromkeys(stated) if column is not None)


def terms_of(outcome: Outcome) -> list[Term]:
    """The outcome's covariate terms."""
    return [term for text in outcome.covariates if (term := parse_term(text)) is not None]


def count_rows(relation: Relation, plan: PlanSections, tests: Sequence[str] = ()) -> Counts:
    """Everything about rows that is counted rather than summed, and rows that satisfy each test, in one scan."""
    there = placed(relation, plan)
    known = [relation.known(outcome.column) for outcome in plan.outcomes]
    covered = [
        " AND ".join(["true", *(relation.known(term.column) for term in terms_of(outcome))])
        for outcome in plan.outcomes
    ]
    complete = [f"({there} AND {y} AND {x})" for y, x in zip(known, covered, strict=True)]
    used = " OR ".join(complete)
    arm = f"{relation.known(plan.data.treated or '')} AND CAST({quoted(plan.data.treated or '')} AS DOUBLE) ="
    asked = ["true", used]
    asked += [f"NOT ({used}) AND {case}" for case in _cases(there, known[0], covered[0])]
    for y, x in zip(known, covered, strict=True):
        asked += _cases(there, y, x)
        asked += [f"{arm} 0 AND NOT {y}", f"{arm} 1 AND NOT {y}", f"NOT {y}"]
    asked += [f"{arm} 0", f"{arm} 1", *tests]
    counted = relation.ask(f"SELECT {', '.join(f'count(*) FILTER ({case})' for case in asked)} FROM {relation.table}")[
        0
    ]
    arms = 5 + 6 * len(plan.outcomes)
    own = [counted[5 + 6 * place : 11 + 6 * place] for place in range(len(plan.outcomes))]
    return Counts(
        rows=counted[0],
        used=counted[1],
        dropped=_dropped(counted[2:5]),
        dropped_by_outcome=tuple(_dropped(found[:3]) for found in own),
        in_arm=(counted[arms], counted[arms + 1]),
        missing_in_arm=tuple((found[3], found[4]) for found in own),
        missing=tuple(found[5] for found in own),
        satisfied=tuple(counted[arms + 2 :]),
    )


def sample_of(relation: Relation, plan: PlanSections, outcome: Outcome, *, whole: bool) -> Sample:
    """The complete rows of an outcome, its numbers centred; all columns must be numbers. `whole`: none is dropped."""
    terms = terms_of(outcome)
    columns = [*(term.column for term in terms), outcome.column]
    complete = " AND ".join([placed(relation, plan), *(relation.known(column) for column in dict.fromkeys(columns))])
    complete = "true" if whole else complete
    values = [*(_value(term) for term in terms), f"CAST({quoted(outcome.column)} AS DOUBLE)"]
    bounds = ", ".join(f"min({value}), max({value})" for value in values)
    found = relation.ask(f"SELECT {bounds} FROM {relation.table} WHERE {complete}")[0]
    grids = tuple(Grid.over(found[2 * place] or 0.0, found[2 * place + 1] or 0.0) for place in range(len(values)))
    parts = {
        "g": plan.data.assignment,
        "u": plan.data.unit,
        "p": plan.data.period,
        "s": plan.data.strata,
        "h": plan.data.persons,
    }
    selected = [f"{quoted(column)} AS {name}" for name, column in parts.items() if column is not None]
    selected.append(f"CAST({quoted(plan.data.treated or '')} AS DOUBLE) AS t")
    names = [*(f"x{place}" for place in range(len(terms))), "y"]
    selected += [
        f"{value} - {number(grid.origin)} AS {name}" for value, grid, name in zip(values, grids, names, strict=True)
    ]
    rows = f"(SELECT {', '.join(selected)} FROM {relation.table} WHERE {complete})"
    return Sample(rows, tuple(term.label for term in terms), grids)


def columns_of(sample: Sample, *, interacted: bool) -> list[Column]:
    """Treatment, covariates, where asked their products with treatment, and last the outcome."""
    columns = [Column(TREATED, "t", 1.0, TREATED, 0.0)]
    for place, term in enumerate(sample.terms):
        grid = sample.grids[place]
        columns.append(Column(f"term:{term}", f"x{place}", grid.reach, CONSTANT, grid.origin))
    if interacted:
        for place, term in enumerate(sample.terms):
            grid = sample.grids[place]
            columns.append(Column(f"treated x term:{term}", f"t * x{place}", grid.reach, TREATED, grid.origin))
    return [*columns, Column(OUTCOME, "y", sample.grids[-1].reach, CONSTANT, sample.grids[-1].origin)]


def _cases(there: str, known: str, covered: str) -> list[str]:
    """When a row is dropped, by the reasons of `_COUNTED` in turn."""
    return [f"NOT ({there})", f"({there}) AND NOT {known}", f"({there}) AND {known} AND NOT ({covered})"]


def _dropped(counts: Sequence[int]) -> tuple[Dropped, ...]:
    return tuple(Dropped(reason, rows) for reason, rows in zip(_COUNTED, counts, strict=True) if rows)


def _value(term: Term) -> str:
    value = f"CAST({quoted(term.column)} AS DOUBLE)"
    if term.transform is Transform.SQUARE:
        return f"({value} * {value})"
    return f"ln({value})" if term.transform is Transform.LOG else value
