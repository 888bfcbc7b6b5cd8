"""Contradictions between the indices of a plan and the outcomes they are made of."""

from collections.abc import Iterator

from effects.codes import Role
from effects.errors import Finding
from effects.planning.sections import Index, PlanSections

Findings = Iterator[Finding]


def index_contradictions(plan: PlanSections) -> Findings:
    """Names that clash, parts that are no outcomes or are counted twice, no stated difference that matters."""
    taken = {outcome.column for outcome in plan.outcomes}
    for place, index in enumerate(plan.indices):
        where = f"index[{place}]"
        if index.name in taken:
            yield Finding(
                where=f"{where}.name",
                code="repeated_outcome",
                message="{name} is already an outcome.",
                remedy="Give the index a name of its own.",
                params={"name": index.name},
            )
        taken.add(index.name)
        yield from _parts(plan, index, where)
        yield from _threshold(index, where)


def _parts(plan: PlanSections, index: Index, where: str) -> Findings:
    roles = {outcome.column: outcome.role for outcome in plan.outcomes}
    if len(index.outcomes) < 2:
        yield Finding(
            where=f"{where}.outcomes",
            code="too_few_parts",
            message="An index needs at least 2 outcomes.",
            remedy="Name the columns of the outcomes it is made of.",
        )
    for number, column in enumerate(index.outcomes):
        if column not in roles:
            yield Finding(
                where=f"{where}.outcomes[{number}]",
                code="unknown_outcome",
                message="{column} is no outcome of the plan.",
                remedy="State it as an [[outcome]], which says which direction is better.",
                params={"column": column},
            )
        elif roles[column] is Role.PRIMARY and index.role is Role.PRIMARY:
            yield Finding(
                where=f"{where}.outcomes[{number}]",
                code="counted_twice",
                message="{column} is primary by itself and in a primary index.",
                remedy="Make the parts of the index secondary.",
                params={"column": column},
            )


def _threshold(index: Index, where: str) -> Findings:
    least = index.minimal_important
    if least is None and index.role is not Role.SECONDARY:
        yield Finding(
            where=f"{where}.minimal_important",
            code="missing_key",
            message="A {role} index needs the smallest difference that matters.",
            remedy="State minimal_important in standard deviations.",
            params={"role": index.role.value},
        )
    if least is not None and least <= 0:
        yield Finding(
            where=f"{where}.minimal_important",
            code="not_positive",
            message="minimal_important must be positive.",
            remedy="An index is better where it is higher.",
        )
