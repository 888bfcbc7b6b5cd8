import tomllib

import pytest

from effects.codes import Role
from effects.plan import AnalysisPlan
from registry.decisions.measuring import column, measured_by
from tests.conftest import ROOT

TELECARE = tomllib.loads((ROOT / "seeds" / "telecare_nord.toml").read_text("utf-8"))


def test_the_indicators_of_a_published_case_become_outcomes_with_their_thresholds() -> None:
    plan = measured_by(TELECARE)
    stated = TELECARE["indicator"]
    assert [outcome.name for outcome in plan.outcomes] == [one["name"] for one in stated]
    assert [outcome.minimal_important for outcome in plan.outcomes] == [one["minimal_important"] for one in stated]
    assert {outcome.role for outcome in plan.outcomes} == {Role(one["role"]) for one in stated}
    assert len({outcome.column for outcome in plan.outcomes}) == len(stated)
    assert AnalysisPlan.from_text(plan.to_toml()) == plan


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SF-36 physical (PCS)", "sf_36_physical_pcs_2"),
        ("Trivsel på ældreområdet", "trivsel_på_ældreområdet_2"),
        ("!!!", "outcome_2"),
        ("x" * 90, f"{'x' * 50}_2"),
    ],
)
def test_a_column_is_made_of_the_name_and_told_apart_by_its_place(name: str, expected: str) -> None:
    assert column(name, 2) == expected
