"""A plan in words."""

from effects.plan import AnalysisPlan
from effects.planning.sections import DataRoles
from registry.plans import words
from tests.registry.plans.story import PLAN


def test_every_part_that_a_plan_can_name_has_words() -> None:
    assert set(words.PARTS) == set(DataRoles.__dataclass_fields__)


def test_only_what_the_plan_states_is_told() -> None:
    plan = AnalysisPlan.from_text(PLAN)
    assert [(str(name), column) for name, column in words.columns(plan)] == [
        ("Unit", "area"),
        ("Period", "week"),
        ("Treated", "digital"),
        ("Weight", "n"),
    ]
    told = {str(name): values for name, values in words.settings(plan)}
    assert told["Fixed effects"] == ("unit", "period")
    assert told["Standard error"] == ("cr2",)
    assert "Estimator" not in told
