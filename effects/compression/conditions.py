"""What in columns and values keeps sums from answering a plan; each condition is named, and rows are read instead."""

from collections.abc import Iterator, Sequence

from effects.compression.relation import Relation
from effects.compression.sampling import MOST_PEOPLE, terms_of, treatment
from effects.message import Message
from effects.planning.sections import PlanSections
from effects.planning.terms import Transform
from effects.rows.parquet import quoted


def columns_need_rows(relation: Relation, plan: PlanSections) -> Message | None:
    """The first reason in names and types of the columns; whatever is wrong with them, the rows will say."""
    return next(_column_reasons(relation, plan), None)


def value_tests(relation: Relation, plan: PlanSections) -> list[tuple[str, Message]]:
    """SQL that no row may satisfy, with the reason why rows must be read where one does."""
    treated = treatment(relation, plan)
    tests = [(f"{treated} NOT IN (0, 1) AND NOT isnan({treated})", Message("treatment is not always 0 or 1"))]
    if plan.data.group is not None:
        group = f"CAST({quoted(plan.data.group)} AS DOUBLE)"
        tests.append((f"{group} NOT IN (0, 1) AND NOT isnan({group})", Message("the group is not always 0 or 1")))
    for outcome in plan.outcomes:
        terms = terms_of(outcome)
        for column in dict.fromkeys([outcome.column, *(term.column for term in terms)]):
            if not relation.is_whole(column):
                value = f"CAST({quoted(column)} AS DOUBLE)"
                tests.append((f"isinf({value})", Message("a value of {column} is infinite", {"column": column})))
        for term in terms:
            if term.transform is Transform.LOG:
                tests.append((f"{quoted(term.column)} <= 0", Message("a logarithm does not exist")))
    if plan.data.strata is not None:
        tests.append((f"NOT {relation.known(plan.data.strata)}", Message("a stratum is missing")))
    if plan.data.persons is not None:
        persons = f"CAST({quoted(plan.data.persons)} AS DOUBLE)"
        sound = f"coalesce({persons} BETWEEN 0 AND {MOST_PEOPLE:e}, false)"
        tests.append((f"NOT {sound}", Message("a number of people is missing")))
    return tests


def _column_reasons(relation: Relation, plan: PlanSections) -> Iterator[Message]:
    named = _columns(plan)
    yield from (
        Message("the column {column} is not there", {"column": column})
        for column in named
        if column not in relation.kinds
    )
    yield from _unlike(relation, plan)
    numbers = [plan.data.treated, plan.data.persons, plan.data.group, *(outcome.column for outcome in plan.outcomes)]
    numbers += [term.column for outcome in plan.outcomes for term in terms_of(outcome)]
    yield from (
        Message("the column {column} does not hold numbers", {"column": column})
        for column in numbers
        if column is not None and not relation.is_number(column)
    )


def _unlike(relation: Relation, plan: PlanSections) -> Iterator[Message]:
    """First treated periods that are not of the periods' own type."""
    period, first = plan.data.period, plan.data.first_treated
    if period is None or first is None or period not in relation.kinds or first not in relation.kinds:
        return
    numbers = relation.is_number(period) and relation.is_number(first)
    if not numbers and not relation.kinds[period] == relation.kinds[first] in ("VARCHAR", "DATE"):
        yield Message("{first} and {period} are of different types", {"first": first, "period": period})


def _columns(plan: PlanSections) -> Sequence[str]:
    roles = plan.data
    stated = [roles.unit, roles.period, roles.cluster, roles.treated, roles.strata, roles.sequence, roles.persons]
    stated += [roles.first_treated, roles.group]
    named = [*stated, *(outcome.column for outcome in plan.outcomes)]
    named += [term.column for outcome in plan.outcomes for term in terms_of(outcome)]
    return [column for column in dict.fromkeys(named) if column is not None]
