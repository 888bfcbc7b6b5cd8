"""What the columns of a survey must hold for its margins, strata and finite population to be used."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from effects.errors import Finding
from effects.planning.sections import Survey
from effects.planning.survey_checks import is_numeric_total
from effects.rows.column_reading import Levels
from effects.rows.columns import Codes, Flags, Numbers, parse_number

Findings = Iterator[Finding]


def survey_findings(
    survey: Survey,
    margins: Mapping[str, Levels],
    strata: Levels | None,
    fpc: Numbers | None,
    outcomes: Sequence[Numbers],
) -> list[Finding]:
    """Everything in the columns that contradicts the survey section; rows without any outcome need no margins."""
    if not outcomes:
        return []
    answered = ~np.all([np.isnan(values) for values in outcomes], axis=0)
    found = [finding for column, levels in margins.items() for finding in _margin(survey, column, levels, answered)]
    unplaced = 0 if strata is None else int(np.sum(strata.codes < 0))
    if unplaced and survey.wave is not None:
        found.append(absent("data.strata", "strata", unplaced))
    if not unplaced and survey.fpc is not None and fpc is not None:
        found.extend(_population(survey.fpc, fpc, strata))
    return found


def absent(where: str, column: str, rows: int) -> Finding:
    """The finding that a column lacks values that the survey cannot do without."""
    return Finding(
        where=where,
        code="missing_values",
        message="{column} is missing or no number in {rows} rows.",
        remedy="Fill it in: the survey needs it of everybody.",
        params={"column": column, "rows": rows},
        column=column,
    )


def as_numbers(levels: Levels) -> Numbers:
    """A column read as levels as the numbers (n,) that they are; NaN where a level is missing or no number."""
    read = [parse_number(level) for level in levels.levels]
    values = np.array([*(np.nan if number is None else number for number in read), np.nan])
    return values[levels.codes]


def _margin(survey: Survey, column: str, levels: Levels, answered: Flags) -> Findings:
    totals, where = survey.margins[column], f"survey.margins.{column}"
    numeric = is_numeric_total(totals)
    unknown = int(np.sum(answered & (np.isnan(as_numbers(levels)) if numeric else levels.codes < 0)))
    if unknown:
        yield absent(where, column, unknown)
    if numeric:
        return
    present = [levels.levels[code] for code in np.unique(levels.codes[answered & (levels.codes >= 0)]).tolist()]
    for level in present:
        if level not in totals:
            yield Finding(
                where=where,
                code="level_without_total",
                message="{column} = {level} has no population total.",
                remedy="State the total of {level}, or correct the value.",
                params={"column": column, "level": level},
                column=column,
            )
    for level in totals:
        if level not in present:
            yield Finding(
                where=f"{where}.{level}",
                code="total_without_level",
                message="Nobody who answered has {column} = {level}.",
                remedy="Merge it with another level, in the margins and in the data.",
                params={"column": column, "level": level},
                column=column,
            )


def _population(column: str, fpc: Numbers, strata: Levels | None) -> Findings:
    unknown = int(np.sum(np.isnan(fpc)))
    if unknown:
        yield absent("survey.fpc", column, unknown)
        return
    codes: Codes = np.zeros(len(fpc), dtype=np.int64) if strata is None else strata.codes
    for code in np.unique(codes).tolist():
        if np.ptp(fpc[codes == code]) > 0.0:
            yield Finding(
                where="survey.fpc",
                code="population_varies",
                message="{column} takes several values in one stratum.",
                remedy="State the number of clusters in the population, the same in all rows of a stratum.",
                params={"column": column},
                column=column,
            )
            return
