"""Which rows an outcome can use, as SQL, and the counts that account for the others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from effects.codes import DropReason
from effects.compression.parts import Question
from effects.compression.relation import Grid, Relation, number
from effects.moments import CONSTANT, OUTCOME, TREATED
from effects.planning.sections import Outcome, PlanSections
from effects.planning.terms import Term, Transform, parse_term
from effects.results import Dropped
from effects.rows.parquet import quoted

MOST_PEOPLE: Final = 1e9
"""Behind one row."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The complete rows of one outcome as a subquery, and its numeric columns.

    The subquery's columns are g (cluster), u (unit), p (period), s (strata), h (people), f (first treated), k (treated
    group), t (treated, 0 or 1), x0, x1 … (covariates) and y (outcome), the last two less the origin of their grid; a
    part that the plan does not state is absent. `grids` are those of x0 … and y, `period` is the type of p.
    """

    rows: str
    terms: tuple[str, ...]
    grids: tuple[Grid, ...]
    period: str


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
    stated = (plan.data.treated, plan.data.unit, plan.data.period, plan.data.assignment, plan.data.group)
    return " AND ".join(relation.known(column) for column in dict.fromkeys(stated) if column is not None)


def treatment(relation: Relation, plan: PlanSections) -> str:
    """SQL: 1 under treatment and 0 before or without, as stated or as the first treated period says."""
    roles = plan.data
    if roles.treated is not None or roles.first_treated is None or roles.period is None:
        return f"CAST({quoted(roles.treated or '')} AS DOUBLE)"
    period, first = quoted(roles.period), quoted(roles.first_treated)
    zero = f"{first} = 0" if relation.is_number(roles.first_treated) else f"CAST({first} AS VARCHAR) IN ('', '0')"
    begun = f"NOT ({zero}) AND {period} >= {first} AND {relation.known(roles.first_treated)}"
    return f"CASE WHEN {relation.known(roles.period)} THEN CAST(coalesce({begun}, false) AS DOUBLE) END"


def terms_of(outcome: Outcome) -> list[Term]:
    """The outcome's covariate terms."""
    return [term for text in outcome.covariates if (term := parse_term(text)) is not None]


def whole_counts(relation: Relation, plan: PlanSections) -> Counts | None:
    """The counts where by the files' statistics every row is complete and every value sound; None where not.

    A NaN hides from statistics; it stops the sums, whose grid has no place for it.
    """
    roles = plan.data
    stated = [roles.treated, roles.unit, roles.period, roles.assignment, roles.strata, roles.persons, roles.group]
    terms = [term for outcome in plan.outcomes for term in terms_of(outcome)]
    numbers = [outcome.column for outcome in plan.outcomes] + [term.column for term in terms]
    columns = {column for column in stated if column is not None} | set(numbers)
    whole = {column for column in (roles.treated, roles.persons, roles.group) if column is not None}
    if roles.treated is None or not columns <= relation.filled or not all(relation.is_whole(name) for name in whole):
        return None
    asked = sorted(whole | set(numbers))
    bounds = ", ".join(f"CAST(min({quoted(name)}) AS DOUBLE), CAST(max({quoted(name)}) AS DOUBLE)" for name in asked)
    doses = f"SELECT coalesce(sum(CAST({quoted(roles.treated)} AS BIGINT)), 0) FROM {relation.table}"
    found, ((treated,),) = relation.gather(
        Question(f"SELECT {bounds} FROM {relation.table} HAVING count(*) > 0", 2 * len(asked)), Question(doses, 0)
    )
    low = {name: min(row[2 * place] for row in found) for place, name in enumerate(asked)}
    high = {name: max(row[2 * place + 1] for row in found) for place, name in enumerate(asked)}
    sound = (
        all(math.isfinite(low[name]) and math.isfinite(high[name]) for name in asked),
        {low[roles.treated], high[roles.treated]} <= {0.0, 1.0},
        roles.group is None or {low[roles.group], high[roles.group]} <= {0.0, 1.0},
        roles.persons is None or 0.0 <= low[roles.persons] <= high[roles.persons] <= MOST_PEOPLE,
        all(low[term.column] > 0.0 for term in terms if term.transform is Transform.LOG),
    )
    if not all(sound):
        return None
    rows, number = relation.rows, len(plan.outcomes)
    nothing, arms = ((),) * number, (rows - int(treated), int(treated))
    return Counts(rows, rows, (), nothing, arms, ((0, 0),) * number, (0,) * number, ())


def count_rows(relation: Relation, plan: PlanSections, tests: Sequence[str] = ()) -> Counts:
    """Everything about rows that is counted rather than summed, and rows that satisfy each test.

    Rows that answer alike to every question are counted together; there are few such groups.
    """
    treated = treatment(relation, plan)
    questions = [placed(relation, plan), f"{treated} = 0", f"{treated} = 1"]
    for outcome in plan.outcomes:
        questions += [relation.known(outcome.column), _covered(relation, outcome)]
    asked = ", ".join(f"coalesce({question}, false)" for question in (*questions, *tests))
    alike = f"SELECT {asked}, count(*) FROM {relation.table} GROUP BY ALL"
    (found,) = relation.gather(Question(alike, len(questions) + len(tests)))
    groups = [(row[-1], row[:3], row[3 : len(questions)], row[len(questions) : -1]) for row in found]
    rows, number = [group[0] for group in groups], len(plan.outcomes)
    reasons = [
        [_reason(place[0], *known[2 * one : 2 * one + 2]) for one in range(number)] for _, place, known, _ in groups
    ]
    arms = [(place[1], place[2]) for _, place, _, _ in groups]
    lost = [[not known[2 * one] for one in range(number)] for _, _, known, _ in groups]
    used = [any(reason is None for reason in own) for own in reasons]
    return Counts(
        rows=sum(rows),
        used=_sum(rows, used),
        dropped=_tally(rows, [None if kept else own[0] for own, kept in zip(reasons, used, strict=True)]),
        dropped_by_outcome=tuple(_tally(rows, [own[one] for own in reasons]) for one in range(number)),
        in_arm=(_sum(rows, [arm[0] for arm in arms]), _sum(rows, [arm[1] for arm in arms])),
        missing_in_arm=tuple(
            (
                _sum(rows, [arm[0] and own[one] for arm, own in zip(arms, lost, strict=True)]),
                _sum(rows, [arm[1] and own[one] for arm, own in zip(arms, lost, strict=True)]),
            )
            for one in range(number)
        ),
        missing=tuple(_sum(rows, [own[one] for own in lost]) for one in range(number)),
        satisfied=tuple(_sum(rows, [group[3][test] for group in groups]) for test in range(len(tests))),
    )


def sample_of(relation: Relation, plan: PlanSections, outcome: Outcome, *, whole: bool) -> Sample:
    """The complete rows of an outcome, its numbers centred; all columns must be numbers. `whole`: none is dropped."""
    terms = terms_of(outcome)
    columns = [*(term.column for term in terms), outcome.column]
    complete = " AND ".join([placed(relation, plan), *(relation.known(column) for column in dict.fromkeys(columns))])
    complete = "true" if whole else complete
    values = [*(_value(term) for term in terms), f"CAST({quoted(outcome.column)} AS DOUBLE)"]
    bounds = ", ".join(f"min({value}), max({value})" for value in values)
    wide = f"SELECT {bounds} FROM {relation.table} WHERE {complete} HAVING count(*) > 0"
    (found,) = relation.gather(Question(wide, 2 * len(values)))
    grids = tuple(
        Grid.over(
            min((row[2 * place] for row in found), default=0.0), max((row[2 * place + 1] for row in found), default=0.0)
        )
        for place in range(len(values))
    )
    parts = {
        "g": plan.data.assignment,
        "u": plan.data.unit,
        "p": plan.data.period,
        "s": plan.data.strata,
        "h": plan.data.persons,
        "f": plan.data.first_treated,
    }
    selected = [f"{quoted(column)} AS {name}" for name, column in parts.items() if column is not None]
    selected.append(f"{treatment(relation, plan)} AS t")
    if plan.data.group is not None:
        selected.append(f"CAST({quoted(plan.data.group)} AS DOUBLE) AS k")
    names = [*(f"x{place}" for place in range(len(terms))), "y"]
    selected += [
        f"{value} - {number(grid.origin)} AS {name}" for value, grid, name in zip(values, grids, names, strict=True)
    ]
    rows = f"(SELECT {', '.join(selected)} FROM {relation.table} WHERE {complete})"
    return Sample(rows, tuple(term.label for term in terms), grids, relation.kinds.get(plan.data.period or "", ""))


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


def _covered(relation: Relation, outcome: Outcome) -> str:
    return " AND ".join(["true", *(relation.known(term.column) for term in terms_of(outcome))])


def _reason(placed: bool, known: bool, covered: bool) -> DropReason | None:
    """Why a row is dropped, the first reason that applies."""
    if not placed:
        return DropReason.MISSING_ROLE
    if not known:
        return DropReason.MISSING_OUTCOME
    return None if covered else DropReason.MISSING_COVARIATE


def _tally(rows: Sequence[int], reasons: Sequence[DropReason | None]) -> tuple[Dropped, ...]:
    counts = {reason: _sum(rows, [found is reason for found in reasons]) for reason in DropReason}
    return tuple(Dropped(reason, count) for reason, count in counts.items() if count)


def _sum(rows: Sequence[int], wanted: Sequence[bool]) -> int:
    return sum(count for count, counted in zip(rows, wanted, strict=True) if counted)


def _value(term: Term) -> str:
    value = f"CAST({quoted(term.column)} AS DOUBLE)"
    if term.transform is Transform.SQUARE:
        return f"({value} * {value})"
    return f"ln({value})" if term.transform is Transform.LOG else value
