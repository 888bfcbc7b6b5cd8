"""The schema that a plan asks for."""

from pathlib import Path

import pytest

from effects.plan import AnalysisPlan
from registry.datasets.schema import ColumnType, FileSchema, Part, proposed
from tests.registry.plans.story import PLAN

REFERENCE = Path(__file__).parents[4] / "shared" / "data" / "reference" / "plans"


ONCE = """
schema = "virkning-plan/1"
title = "Randomised by area, measured once"
design = "cluster_randomised"
estimand = "itt"
[data]
cluster = "area"
treated = "digital"
[[outcome]]
column = "language"
role = "primary"
domain = "citizen"
better = "higher"
minimal_important = 0.05
"""


def of(text: str) -> FileSchema:
    return proposed(AnalysisPlan.from_text(text))


def types(schema: FileSchema) -> dict[str, tuple[ColumnType, bool]]:
    return {column.name: (column.type, column.required) for column in schema.columns}


def test_every_column_that_the_plan_names_is_asked_for_once() -> None:
    assert types(of(PLAN)) == {
        "area": (ColumnType.TEXT, True),
        "week": (ColumnType.TEXT, True),
        "digital": (ColumnType.BOOLEAN01, True),
        "n": (ColumnType.NUMBER, True),
        "language": (ColumnType.NUMBER, False),
        "strain": (ColumnType.NUMBER, False),
        "age": (ColumnType.NUMBER, False),
        "season": (ColumnType.TEXT, False),
    }


def test_what_is_observed_repeatedly_comes_once_a_period() -> None:
    assert of(PLAN).key == ("area", "week")
    assert of(ONCE).key == ()
    assert of(ONCE.replace('cluster = "area"', 'unit = "citizen"').replace("cluster_", "individual_")).key == (
        "citizen",
    )


def test_a_column_with_two_parts_keeps_the_type_of_the_first() -> None:
    schema = of(PLAN.replace('unit = "area"', 'unit = "area"\ncluster = "area"\nsequence = "area"'))
    assert [column.part for column in schema.columns if column.name == "area"] == [Part.UNIT]


def test_a_covariate_that_is_also_a_factor_is_a_number() -> None:
    assert types(of(PLAN.replace("factor(season)", "factor(age)")))["age"] == (ColumnType.NUMBER, False)


@pytest.mark.parametrize(("family", "limits"), [("poisson", (0.0, None)), ("binomial", (0.0, 1.0))])
def test_the_family_of_an_outcome_limits_its_values(family: str, limits: tuple[float | None, float | None]) -> None:
    text = PLAN.replace('column = "language"', f'column = "language"\nfamily = "{family}"')
    language = of(text).named(Part.OUTCOME)[0]
    assert (language.minimum, language.maximum) == limits


def test_parts_are_found_by_name() -> None:
    assert [column.name for column in of(PLAN).named(Part.OUTCOME, Part.UNIT)] == ["area", "language", "strain"]


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.toml")), ids=lambda path: path.stem)
def test_every_reference_plan_has_a_schema(path: Path) -> None:
    schema = proposed(AnalysisPlan.from_toml(path))
    names = [column.name for column in schema.columns]
    assert len(names) == len(set(names)) > 0
    assert set(schema.key) <= set(names)


def test_the_period_of_a_series_has_the_type_of_its_start() -> None:
    if not REFERENCE.exists():
        pytest.skip("the reference plans are absent: the period of a series is NOT checked")
    staggered = proposed(AnalysisPlan.from_toml(REFERENCE / "mpdta_never.toml"))
    assert [column.type for column in staggered.named(Part.PERIOD, Part.FIRST_TREATED)] == [ColumnType.INTEGER] * 2
    synthetic = proposed(AnalysisPlan.from_toml(REFERENCE / "prop99.toml"))
    assert [column.name for column in synthetic.named(Part.PERIOD)] == ["Year"]


SURVEYED = """
schema = "virkning-plan/1"
title = "A survey before and after"
design = "survey_before_after"
estimand = "att"
[data]
weight = "w"
cluster = "school"
[[outcome]]
column = "wellbeing"
role = "primary"
domain = "citizen"
better = "higher"
minimal_important = 0.1
[survey]
wave = "wave"
fpc = "schools"
calibration = "greg"
margins = { kind = { public = 60, private = 40 }, pupils = { total = 5000 } }
"""


def test_a_margin_of_levels_is_text_and_one_of_a_total_is_a_number() -> None:
    found = types(of(SURVEYED))
    assert found["kind"] == (ColumnType.TEXT, True)
    assert found["pupils"] == (ColumnType.NUMBER, True)
    assert found["wave"] == (ColumnType.BOOLEAN01, True)
