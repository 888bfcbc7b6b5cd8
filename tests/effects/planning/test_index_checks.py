from collections.abc import Callable

import pytest

from effects.codes import Better, IndexMethod, Role
from effects.errors import PlanError
from effects.plan import AnalysisPlan

Stated = Callable[..., dict[str, object]]
Indicator = Callable[..., dict[str, object]]


def index(**keys: object) -> dict[str, object]:
    sound = {
        "name": "wellbeing",
        "domain": "citizen",
        "method": "kling_liebman_katz",
        "outcomes": ["y", "z"],
        "role": "primary",
        "minimal_important": 0.2,
    }
    return {key: value for key, value in {**sound, **keys}.items() if value is not None}


@pytest.fixture
def plan_with(stated: Stated, indicator: Indicator) -> Callable[..., AnalysisPlan]:
    def made(*indices: dict[str, object], role: str = "secondary") -> AnalysisPlan:
        outcomes = [indicator("y", role=role), indicator("z", role="secondary", better="lower")]
        return AnalysisPlan.from_mapping(stated("cluster_randomised", outcome=outcomes, index=list(indices)))

    return made


def test_an_index_is_read_and_is_an_outcome_of_its_own(plan_with: Callable[..., AnalysisPlan]) -> None:
    plan = plan_with(index(method="anderson"))
    (found,) = plan.indices
    assert (found.method, found.outcomes, found.minimal_important) == (IndexMethod.ANDERSON, ("y", "z"), 0.2)
    assert [outcome.column for outcome in plan.analysed] == ["y", "z", "wellbeing"]
    assert (plan.analysed[-1].role, plan.analysed[-1].better) == (Role.PRIMARY, Better.HIGHER)


def test_a_plan_with_an_index_is_written_as_it_was_read(plan_with: Callable[..., AnalysisPlan]) -> None:
    plan = plan_with(index())
    again = AnalysisPlan.from_text(plan.to_toml())
    assert again == plan
    assert again.fingerprint == plan.fingerprint != plan_with().fingerprint


@pytest.mark.parametrize(
    ("keys", "where", "code"),
    [
        ({"name": "y"}, "index[0].name", "repeated_outcome"),
        ({"name": None}, "index[0].name", "missing_key"),
        ({"method": "mean"}, "index[0].method", "unknown_code"),
        ({"method": None}, "index[0].method", "missing_key"),
        ({"outcomes": ["y"]}, "index[0].outcomes", "too_few_parts"),
        ({"outcomes": None}, "index[0].outcomes", "too_few_parts"),
        ({"outcomes": ["y", "y"]}, "index[0].outcomes", "not_a_list"),
        ({"outcomes": ["y", "q"]}, "index[0].outcomes[1]", "unknown_outcome"),
        ({"minimal_important": None}, "index[0].minimal_important", "missing_key"),
        ({"minimal_important": 0}, "index[0].minimal_important", "not_positive"),
        ({"weights": [1, 2]}, "index[0].weights", "unknown_key"),
    ],
)
def test_what_cannot_be_an_index_is_named(
    keys: dict[str, object], where: str, code: str, plan_with: Callable[..., AnalysisPlan]
) -> None:
    with pytest.raises(PlanError) as error:
        plan_with(index(**keys))
    assert (where, code) in [(finding.where, finding.code) for finding in error.value.findings]


def test_parts_of_a_primary_index_are_expected_to_be_secondary(plan_with: Callable[..., AnalysisPlan]) -> None:
    with pytest.raises(PlanError) as error:
        plan_with(index(), role="primary")
    (found,) = error.value.findings
    assert (found.where, found.code) == ("index[0].outcomes[0]", "counted_twice")
    assert plan_with(index(role="secondary", minimal_important=None), role="primary").indices


def test_two_indices_have_two_names(plan_with: Callable[..., AnalysisPlan]) -> None:
    assert len(plan_with(index(), index(name="other")).indices) == 2
    with pytest.raises(PlanError):
        plan_with(index(), index())
