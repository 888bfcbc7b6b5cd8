from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from effects import analyse
from effects.codes import BootstrapWeights
from effects.inference.assignment import two_arms
from effects.inference.permutation import BlockSums
from effects.inference.wild_bootstrap import WildScores
from effects.plan import AnalysisPlan
from effects.planning.settings import WildDraws
from effects.results import EffectEstimate
from effects.second_opinions import UNSTRATIFIED, Opinion, by_bootstrap, by_permutation, nobody, with_opinions
from tests.effects.designs import estimated, outcome, rows, rows_for

PlanFor = Callable[..., AnalysisPlan]
Array = NDArray[np.float64]
BOTH = {"bootstrap": {"kind": "wild", "weights": "webb", "draws": 499}, "permutation": {"draws": 999}}
FIXED = {"working_model": "fixed_effects"}


def scores(clusters: int, seed: int = 1) -> WildScores:
    random = np.random.Generator(np.random.PCG64(seed))
    own = random.normal(size=(1, clusters, 2))
    return WildScores(own - own.mean(axis=1, keepdims=True) / 2, np.zeros((clusters, 2)), np.array([0.0, 1.0]))


def sums(values: Array) -> BlockSums:
    n = len(values)
    places = np.arange(n)
    centred = (values - values.mean())[:, None]
    return BlockSums(places, np.zeros(n, dtype=np.int64), centred, np.ones(n), np.ones((n, 1)), np.eye(1) / n)


def notes(opinion: Opinion) -> str:
    return " ".join(str(note) for note in opinion.notes)


@pytest.mark.parametrize(
    ("arms", "answered", "noted"),
    [((6, 6), True, ""), ((20, 5), True, "unreliable: 5"), ((1, 9), False, "fewer than 2")],
)
def test_a_bootstrap_with_few_clusters_in_an_arm_is_unreliable_or_none(
    arms: tuple[int, int], answered: bool, noted: str
) -> None:
    found = by_bootstrap(scores(12), arms, WildDraws(BootstrapWeights.WEBB, 199), 1)
    assert (found.p_value is not None) is answered
    assert noted in notes(found)
    assert bool(noted) is bool(found.notes)


def test_a_bootstrap_without_variation_or_beyond_the_limit_says_so() -> None:
    asked = WildDraws(BootstrapWeights.WEBB, 199)
    flat = replace(scores(12), scores=np.zeros((1, 12, 2)))
    assert notes(by_bootstrap(flat, (6, 6), asked, 1)) == "No bootstrap p-value: the clusters do not differ."
    many = by_bootstrap(scores(300), (150, 150), WildDraws(BootstrapWeights.WEBB, 10_000_000), 1)
    assert (many.p_value, notes(many)) == (
        None,
        "No bootstrap p-value: 300 clusters are too many for 10000000 draws.",
    )


def test_a_permutation_says_where_it_went_through_all_assignments() -> None:
    values = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6])
    treated = np.array([1, 0, 1, 0, 1, 0])
    exact = by_permutation(sums(values), two_arms(treated), 99, 1)
    assert exact.p_value == 0.1
    assert notes(exact).startswith("Permutation went through all 20 assignments.")
    drawn = by_permutation(sums(np.arange(40.0)), two_arms(np.arange(40) % 2), 99, 1)
    assert drawn.p_value is not None
    assert drawn.notes == (nobody(0.01), UNSTRATIFIED)


def test_a_permutation_says_what_it_tests_and_warns_where_no_strata_are_stated() -> None:
    treated, strata = np.tile([0, 1], 20), np.repeat([0, 1], 20)
    within = by_permutation(sums(np.arange(40.0)), two_arms(treated, strata), 99, 1)
    assert within.notes == (nobody(0.01),)
    assert "the smallest possible is 0.01." in str(nobody(0.01))


def test_a_permutation_of_what_could_not_be_otherwise_says_so() -> None:
    everybody = by_permutation(sums(np.arange(4.0)), two_arms(np.ones(4, dtype=np.int64)), 99, 1)
    assert notes(everybody) == "No permutation p-value: no other assignment was possible."
    pairs = by_permutation(sums(np.arange(4.0)), two_arms(np.arange(4) % 2, np.arange(4)), 99, 1)
    assert pairs == everybody


def test_a_permutation_beyond_the_limit_says_so() -> None:
    found = by_permutation(sums(np.arange(300.0)), two_arms(np.arange(300) % 2), 10_000_000, 1)
    assert notes(found) == "No permutation p-value: 300 assigned units are too many for 10000000 draws."


def test_a_treatment_that_covariates_determine_has_no_permutation() -> None:
    treated = np.array([1, 0, 1, 0, 1, 0])
    nuisance = np.column_stack([np.ones(6), treated])
    bound = replace(sums(np.arange(6.0)), nuisance=nuisance, bread=np.linalg.inv(nuisance.T @ nuisance))
    assert "covariates determine" in notes(by_permutation(bound, two_arms(treated), 99, 1))


@pytest.mark.parametrize("design", ["cluster_randomised", "stepped_wedge"])
def test_second_opinions_keep_company_with_the_models_p_value(design: str, plan_for: PlanFor) -> None:
    """Fourteen sites, a true effect of 3: every opinion sees it, and none moves the estimate."""
    frame = rows_for(design, rows(sites=14))
    frame = frame.assign(y=frame["y"] - frame["site"] + 3.0 * frame["treated"])
    model = FIXED if design == "stepped_wedge" else {}
    plain = estimated(frame, plan_for(design, model=model))
    found = estimated(frame, plan_for(design, model=model, inference=BOTH))
    assert replace(found, p_bootstrap=None, p_permutation=None, note=None) == plain
    assert found.p_bootstrap is not None
    assert found.p_permutation is not None
    assert max(found.p_value, found.p_bootstrap, found.p_permutation) < 0.01
    assert min(found.p_permutation, found.p_bootstrap) >= 0.001


def test_the_order_of_rows_decides_nothing(plan_for: PlanFor) -> None:
    frame = rows_for("stepped_wedge")
    plan = plan_for("stepped_wedge", model=FIXED, inference=BOTH)
    turned = analyse(frame.iloc[::-1], plan)
    assert turned.estimates == analyse(frame, plan).estimates


def test_another_seed_draws_others(plan_for: PlanFor) -> None:
    frame, plan = rows(sites=20), plan_for("cluster_randomised", inference=BOTH)
    one, again, other = (analyse(frame, plan, seed=seed).estimates[0] for seed in (1, 1, 2))
    assert one == again
    assert isinstance(one, EffectEstimate)
    assert isinstance(other, EffectEstimate)
    assert (one.p_bootstrap, one.p_permutation) != (other.p_bootstrap, other.p_permutation)


def test_pairs_are_shuffled_within_themselves(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    roles = {"treated": "treated", "cluster": "school"}
    inference = {"permutation": {"draws": 999}}
    free = estimated(schools, plan_for("cluster_randomised", data=roles, inference=inference))
    paired = estimated(schools, plan_for("cluster_randomised", data={**roles, "strata": "pair"}, inference=inference))
    said_free, said_paired = ([str(note) for note in one.note or ()] for one in (free, paired))
    assert any("all 924 assignments" in note for note in said_free)
    assert any("all 64 assignments" in note for note in said_paired)
    assert str(UNSTRATIFIED) in said_free
    assert str(UNSTRATIFIED) not in said_paired


def test_people_with_covariates_are_permuted_without_interactions(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    inference = {"permutation": {"draws": 999}}
    plain = estimated(trial, plan_for(inference=inference))
    adjusted = estimated(trial, plan_for(outcome=[outcome("y", covariates=["age"])], inference=inference))
    assert plain.note == (nobody(0.001), UNSTRATIFIED)
    assert [str(note) for note in adjusted.note or ()] == [
        "The permutation p-value adjusts for covariates without interactions.",
        str(nobody(0.001)),
        str(UNSTRATIFIED),
    ]
    assert adjusted.p_permutation is not None


def test_subgroups_are_permuted_and_their_differences_are_not(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    plan = plan_for(subgroup=[{"column": "size"}], inference={"permutation": {"draws": 199}})
    _, large, small, difference = analyse(trial, plan).estimates
    assert isinstance(large, EffectEstimate)
    assert isinstance(small, EffectEstimate)
    assert isinstance(difference, EffectEstimate)
    assert None not in (large.p_permutation, small.p_permutation)
    assert difference.p_permutation is None
    assert "a difference between subgroups is not re-drawn" in str((difference.note or ())[-1])


def test_an_assignment_that_cannot_be_read_back_leaves_the_reason(plan_for: PlanFor) -> None:
    frame = rows_for("stepped_wedge")
    sequences = {"treated": "treated", "unit": "site", "period": "month", "sequence": "school"}
    data = {**sequences, "sequence": "wrong"}
    plan = plan_for("stepped_wedge", data=data, model=FIXED, inference={"permutation": {"draws": 199}})
    found = estimated(frame.assign(wrong=1), plan)
    assert found.p_permutation is None
    assert "the sequences stated do not agree" in str((found.note or ())[-1])


def test_notes_of_opinions_follow_those_of_the_estimate(plan_for: PlanFor) -> None:
    found = estimated(rows(sites=4, months=2), plan_for("cluster_randomised", inference=BOTH))
    told = [str(note) for note in found.note or ()]
    assert "Fewer than 5 people" in told[0]
    assert "unreliable" in told[1]
    assert "all 6 assignments" in told[2]
    silent = with_opinions(replace(found, note=None), Opinion(None), Opinion(None))
    assert (silent.p_bootstrap, silent.p_permutation, silent.note) == (None, None, None)
