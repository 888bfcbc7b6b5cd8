import numpy as np
import pytest

from effects.planning.sections import Survey
from effects.rows.column_reading import Levels
from effects.rows.columns import Numbers
from effects.rows.survey_columns import absent, as_numbers, survey_findings

KIND = Levels(np.array([0, 1, 0, 1]), ("E", "H"))
ANSWERS = np.array([1.0, 2.0, 3.0, 4.0])
KINDS = {"kind": {"E": 60.0, "H": 40.0}}


def found(
    survey: Survey,
    margins: dict[str, Levels] | None = None,
    strata: Levels | None = None,
    fpc: Numbers | None = None,
    answers: Numbers = ANSWERS,
) -> list[tuple[str, str]]:
    findings = survey_findings(survey, margins or {}, strata, fpc, [answers])
    return [(finding.where, finding.code) for finding in findings]


def test_margins_that_name_every_level_once_are_accepted() -> None:
    assert found(Survey(margins=KINDS), {"kind": KIND}) == []


def test_every_level_without_a_total_and_every_total_without_a_level_is_named() -> None:
    margins = {"kind": {"E": 50.0, "M": 30.0, "X": 20.0}}
    findings = survey_findings(Survey(margins=margins), {"kind": KIND}, None, None, [ANSWERS])
    assert [(finding.code, finding.params["level"]) for finding in findings] == [
        ("level_without_total", "H"),
        ("total_without_level", "M"),
        ("total_without_level", "X"),
    ]


def test_those_who_answered_nothing_need_no_margins() -> None:
    kind = Levels(np.array([0, 1, 0, -1]), ("E", "H"))
    assert found(Survey(margins=KINDS), {"kind": kind}) == [("survey.margins.kind", "missing_values")]
    silent = np.array([1.0, 2.0, 3.0, np.nan])
    assert found(Survey(margins=KINDS), {"kind": kind}, answers=silent) == []


def test_a_level_that_only_the_silent_have_is_not_in_the_sample() -> None:
    silent = np.array([1.0, np.nan, 3.0, np.nan])
    assert found(Survey(margins=KINDS), {"kind": KIND}, answers=silent) == [
        ("survey.margins.kind.H", "total_without_level")
    ]


@pytest.mark.parametrize(("levels", "expected"), [(("10", "20"), []), (("10", "many"), ["missing_values"])])
def test_the_total_of_a_numeric_column_needs_numbers(levels: tuple[str, ...], expected: list[str]) -> None:
    last = Levels(np.array([0, 1, 0, 1]), levels)
    codes = [code for _, code in found(Survey(margins={"last": {"total": 60.0}}), {"last": last})]
    assert codes == expected


@pytest.mark.parametrize(
    ("fpc", "expected"),
    [
        ([5.0, 5.0, 9.0, 9.0], []),
        ([5.0, 6.0, 9.0, 9.0], ["population_varies"]),
        ([5.0, np.nan, 9.0, 9.0], ["missing_values"]),
    ],
)
def test_the_population_is_one_number_in_each_stratum(fpc: list[float], expected: list[str]) -> None:
    strata = Levels(np.array([0, 0, 1, 1]), ("a", "b"))
    codes = [code for _, code in found(Survey(fpc="n"), strata=strata, fpc=np.array(fpc))]
    assert codes == expected


def test_without_strata_the_population_is_one_number() -> None:
    assert found(Survey(fpc="n"), fpc=np.array([5.0, 5.0, 9.0, 9.0])) == [("survey.fpc", "population_varies")]


def test_a_survey_needs_the_stratum_of_every_row() -> None:
    strata = Levels(np.array([0, -1, 1, 1]), ("a", "b"))
    assert found(Survey(wave="wave"), strata=strata) == [("data.strata", "missing_values")]
    assert found(Survey(), strata=strata) == []


def test_other_designs_have_nothing_to_find() -> None:
    assert survey_findings(Survey(), {}, None, None, [ANSWERS]) == []
    assert survey_findings(Survey(wave="wave"), {}, None, None, []) == []


def test_levels_are_read_back_as_the_numbers_they_were() -> None:
    levels = Levels(np.array([2, 0, -1, 1]), ("-1.5", "2", "x"))
    assert as_numbers(levels) == pytest.approx([np.nan, -1.5, np.nan, 2.0], nan_ok=True)


def test_what_is_absent_is_counted() -> None:
    assert absent("survey.fpc", "n", 3).text().startswith("n is missing or no number in 3 rows.")
