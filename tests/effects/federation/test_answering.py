import subprocess
import sys

import pytest

from effects.federation.answering import Answerable, readiness
from effects.plan import AnalysisPlan
from tests.effects.designs import outcome, plan_for
from tests.effects.federation.pilot import ROLES, plan

INDEX = {
    "name": "both",
    "domain": "citizen",
    "method": "anderson",
    "outcomes": ["score", "happy"],
    "role": "secondary",
}


def said(answers: tuple[Answerable, ...], on_moments: bool) -> list[str]:
    return [str(one.what) for one in answers if one.on_moments is on_moments]


def test_a_linear_plan_is_answered_whole() -> None:
    stated = plan(
        "cr2", inference={"standard_error": "cr2", "bootstrap": {"kind": "wild"}, "permutation": {"draws": 99}}
    )
    found = readiness(stated)
    assert found.on_moments
    assert found.reasons == ()
    effect, bootstrap, permutation = (
        "the effect, with standard errors cr2",
        "the p-value by bootstrap",
        "the p-value by permutation",
    )
    assert said(found.answers, True) == [effect, bootstrap, permutation] * 2
    assert {one.outcome for one in found.answers if one.on_moments} == {"score", "happy"}


TRIAL: dict[str, object] = {"unit": "person", "cluster": "municipality", "treated": "treated"}
CLUSTERS: dict[str, object] = {"working_model": "fixed_effects", "fixed_effects": ["cluster", "period"]}
START: dict[str, object] = {"unit": "person", "period": "term", "cluster": "municipality", "first_treated": "start"}


@pytest.mark.parametrize(
    ("stated", "opinions"),
    [
        (plan(), {"mixed models": "within units"}),
        (plan(model=CLUSTERS), {}),
        (plan("iid", model=CLUSTERS), {}),
        (plan("model_based", model={"working_model": "nested_exchangeable"}), {}),
        (plan("cr2", (), "cluster_randomised", data=TRIAL), {}),
        (plan("cr2", (), "two_period_did", data=ROLES, estimand="att"), {"placebos": "single units"}),
        (plan("influence_small", (), "staggered_adoption", data=START, estimand="att"), {"imputation": "every unit"}),
        (plan("hc2", (), "individual_randomised", data={"treated": "treated"}), {}),
    ],
)
def test_second_opinions_that_only_rows_give_are_named(stated: AnalysisPlan, opinions: dict[str, str]) -> None:
    found = readiness(stated)
    assert found.on_moments
    beside = [one for one in found.answers if not one.on_moments]
    assert all(one.outcome is None and one.remedy is None and one.reason for one in beside)
    for one, (what, why) in zip(beside, opinions.items(), strict=True):
        assert what in str(one.what)
        assert why in str(one.reason)


@pytest.mark.parametrize(
    ("sections", "what"),
    [
        ({"subgroup": [{"column": "site"}]}, "the effects by site"),
        ({"multiplicity": {"primary": "westfall_young"}}, "p-values of outcomes resampled together"),
        ({"index": [INDEX]}, "the effect on the index"),
    ],
)
def test_what_is_asked_beside_the_effects_needs_rows_and_says_what_to_state(
    sections: dict[str, object], what: str
) -> None:
    found = readiness(plan("cr1", **sections))
    assert not found.on_moments
    assert said(found.answers, False) == [what]
    assert all(one.reason and one.remedy for one in found.answers if not one.on_moments)
    assert len(found.reasons) == 1


def test_a_permutation_within_strata_needs_rows_and_the_effect_does_not() -> None:
    roles = {"unit": "person", "cluster": "municipality", "treated": "treated", "strata": "site"}
    stated = plan(
        "cr1", (), "cluster_randomised", data=roles, inference={"standard_error": "cr1", "permutation": {"draws": 99}}
    )
    found = readiness(stated)
    assert not found.on_moments
    assert set(said(found.answers, False)) == {"the p-value by permutation"}
    assert set(said(found.answers, True)) == {"the effect, with standard errors cr1"}


def test_only_the_outcome_that_needs_rows_is_blamed() -> None:
    stated = plan("cr1", outcome=[outcome("score"), {**outcome("happy", covariates=["factor(site)"])}])
    found = readiness(stated)
    assert [(one.outcome, one.on_moments) for one in found.answers] == [("score", True), ("happy", False)]
    assert [one.outcome for one in found.reasons] == ["happy"]


@pytest.mark.parametrize("design", ["synthetic_control", "matched_comparison", "interrupted_time_series"])
def test_designs_that_need_rows_say_so_before_anybody_collects(design: str) -> None:
    stated: AnalysisPlan = plan_for(design)
    found = readiness(stated)
    assert not found.on_moments
    assert found.answers[0].reason is not None
    assert design in str(found.answers[0].reason)


def test_every_reason_stands_in_the_whole() -> None:
    roles = {"unit": "person", "period": "term", "treated": "treated", "weight": "age"}
    words = " ".join(
        str(one.reason) for one in readiness(plan("cr1", data=roles, subgroup=[{"column": "site"}])).reasons
    )
    assert "weights" in words
    assert "subgroups" in words


def test_a_page_asks_without_loading_the_engine() -> None:
    heavy = "{'duckdb', 'numpy', 'pandas', 'scipy'} & set(sys.modules)"
    asked = f"import sys; import effects.federation.answering; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


@pytest.mark.parametrize("error", ["iid", "cr0", "cr1", "cr1s", "cr2", "cr3"])
def test_every_error_by_cluster_of_a_linear_wedge_is_answered(error: str) -> None:
    found = readiness(plan(error))
    assert found.on_moments
    assert f"the effect, with standard errors {error}" in said(found.answers, True)


def test_a_plan_is_ready_exactly_where_nothing_stands_in_its_way() -> None:
    stated = [
        plan(),
        plan("cr1", subgroup=[{"column": "site"}]),
        plan("cr1", ["factor(site)"]),
        plan("hc2", (), "individual_randomised", data={"treated": "treated"}),
        plan("hc2", ["age"], "individual_randomised", data={"treated": "treated"}),
    ]
    assert [readiness(one).on_moments for one in stated] == [True, False, False, True, False]
    for one in stated:
        found = readiness(one)
        assert found.on_moments is (not found.reasons)
        assert any(answer.on_moments for answer in found.answers) or not found.on_moments
