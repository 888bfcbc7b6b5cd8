"""Contradictions among the population totals that a survey is tied to."""

from collections.abc import Iterator, Mapping
from typing import Final

from effects.codes import Calibration
from effects.errors import Finding
from effects.planning.sections import PlanSections, Survey

Findings = Iterator[Finding]
NUMERIC: Final = "total"
AGREE: Final = 1e-6


def is_numeric_total(totals: Mapping[str, float]) -> bool:
    """Whether a margin is the total of a numeric column: its only key is `total`, as in {api99 = {total = 3914069}}."""
    return set(totals) == {NUMERIC}


def survey_contradictions(plan: PlanSections) -> Findings:
    """Margins that the stated calibration cannot use, or that cannot all hold."""
    yield from _usable(plan.survey)
    yield from _positive(plan.survey)
    yield from _agreeing(plan.survey)


def _usable(survey: Survey) -> Findings:
    if survey.calibration is Calibration.POSTSTRATIFICATION and len(survey.margins) > 1:
        yield Finding(
            where="survey.margins",
            code="too_many_margins",
            message="Post-stratification takes the totals of one column.",
            remedy="Cross the columns into one, or use raking.",
        )
    for column, totals in survey.margins.items():
        if is_numeric_total(totals) and survey.calibration is not Calibration.GREG:
            yield Finding(
                where=f"survey.margins.{column}",
                code="key_not_for_method",
                message="Only greg takes the total of a numeric column.",
                remedy="Use greg, or state the total of each level of {column}.",
                params={"column": column},
            )


def _positive(survey: Survey) -> Findings:
    for column, totals in survey.margins.items():
        for level, total in totals.items():
            if total <= 0 and not is_numeric_total(totals):
                yield Finding(
                    where=f"survey.margins.{column}.{level}",
                    code="not_positive",
                    message="The total of {level} must be positive.",
                    remedy="Leave out levels that nobody has, in the margins and in the data.",
                    params={"level": level},
                )
        if not totals:
            yield Finding(
                where=f"survey.margins.{column}",
                code="missing_key",
                message="{column} has no totals.",
                remedy="State the population total of each level.",
                params={"column": column},
            )


def _agreeing(survey: Survey) -> Findings:
    sizes = {column: sum(totals.values()) for column, totals in survey.margins.items() if not is_numeric_total(totals)}
    for column, size in sizes.items():
        first, expected = next(iter(sizes.items()))
        if abs(size - expected) > AGREE * abs(expected):
            yield Finding(
                where=f"survey.margins.{column}",
                code="margins_disagree",
                message="The totals of {column} add up to {size:g}, those of {first} to {expected:g}.",
                remedy="All margins count the same population.",
                params={"column": column, "size": size, "first": first, "expected": expected},
            )
