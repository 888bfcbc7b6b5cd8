import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import TTestIndPower

from effects.codes import Design
from effects.message import worded
from effects.power import PowerAnswer, Unattainable, read_planned, solve

WEDGE: Mapping[str, object] = {"design": "stepped_wedge", "clusters": [6, 6, 6, 6], "periods": 5, "size": 120}
HUSSEY_HUGHES = {**WEDGE, "proportions": [0.05, 0.035], "tau": 0.01}
NESTED = {**WEDGE, "sd": 0.1, "icc": 0.02, "cac": 0.125, "effect": 0.015}
CLUSTERS: Mapping[str, object] = {"design": "cluster_randomised", "size": 50, "icc": 0.05, "sd": 1}
EVERY: Mapping[str, Mapping[str, object]] = {
    "individual_randomised": {"sd": 1},
    "cluster_randomised": {"sd": 1, "size": 30, "icc": 0.05},
    "stepped_wedge": {"sd": 1, "size": 30, "icc": 0.05, "cac": 0.8, "periods": 5},
    "two_period_did": {"sd": 1, "size": 30, "icc": 0.05, "cac": 0.8},
    "staggered_adoption": {"sd": 1, "periods": 6, "starts": [3, 5], "never_treated": 12, "autocorrelation": 0.3},
    "controlled_interrupted_time_series": {"sd": 1, "periods": 48, "autocorrelation": 0.3},
    "matched_comparison": {"sd": 1, "weight_cv": 0.8, "explained": 0.3},
    "before_after": {"sd": 1, "size": 30, "icc": 0.05, "cac": 0.8},
    "survey_before_after": {"sd": 1, "size": 5, "icc": 0.05, "weight_cv": 0.4},
    "synthetic_control": {"sd": 1, "periods": 31, "starts": 20},
}


def answered(**keys: object) -> PowerAnswer:
    found = solve(read_planned(keys))
    assert isinstance(found, PowerAnswer)
    return found


def refused(**keys: object) -> Unattainable:
    found = solve(read_planned(keys))
    assert isinstance(found, Unattainable)
    return found


def reference_cases(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((folder / "reference.toml").read_text("utf-8"))["power"]
    return found


def test_the_outside_numbers_are_met(reference: Path) -> None:
    wedge, nested, trial = reference_cases(reference)
    assert answered(**HUSSEY_HUGHES).power == pytest.approx(wedge["power"], abs=1e-9)
    assert answered(**NESTED).power == pytest.approx(nested["power"], abs=1e-9)
    found = answered(**CLUSTERS, clusters=20, power=0.8)
    assert found.design_effect == pytest.approx(trial["design_effect"])
    assert found.mde_z == pytest.approx(trial["mde_z"], rel=1e-9)
    assert found.mde_t == pytest.approx(trial["mde_t"], rel=1e-9)


def test_a_stepped_wedge_has_the_power_of_swcrtdesign() -> None:
    """swPwr of the R package swCRTdesign 4.0, its own example and the same with nested exchangeable means."""
    assert answered(**HUSSEY_HUGHES).power == pytest.approx(0.7861895925, abs=1e-9)
    assert answered(**NESTED).power == pytest.approx(0.9171886110, abs=1e-9)


def test_icc_and_tau_say_the_same() -> None:
    variance = 0.0425 * 0.9575
    by_icc = {**HUSSEY_HUGHES, "tau": None, "icc": 1e-4 / (1e-4 + variance)}
    found = answered(**{key: value for key, value in by_icc.items() if value is not None})
    assert found.power == pytest.approx(answered(**HUSSEY_HUGHES).power, abs=1e-12)


def test_a_cluster_trial_states_its_effect_by_every_convention() -> None:
    found = answered(**CLUSTERS, clusters=20, power=0.8)
    assert (found.solved, found.convention, found.df) == ("effect", "t", 38.0)
    assert found.effect == found.mde_t == pytest.approx(0.2388633587, rel=1e-9)
    assert found.mde_z == pytest.approx(0.2327171463, rel=1e-9)
    assert found.mde_noncentral_t == pytest.approx(0.238809, abs=1e-6)


@pytest.mark.parametrize(("effect", "people"), [(0.5, 64), (0.2, 394), (1.0, 17)])
def test_people_needed_are_those_of_the_textbooks(effect: float, people: int) -> None:
    """Cohen (1988, table 2.4.1): 64, 393 (394 by the t convention) and 17 in each arm at power 0.8."""
    found = answered(design="individual_randomised", effect=effect, power=0.8, sd=1)
    assert found.clusters[0] in (people - 1, people)
    exact = TTestIndPower().solve_power(effect, None, 0.05, 0.8)
    assert abs(found.clusters[0] - exact) < 1.0


@pytest.mark.parametrize("design", EVERY)
def test_each_of_the_three_follows_from_the_other_two(design: str) -> None:
    keys = {"design": design, **EVERY[design]}
    effect = answered(**keys, clusters=16 if design != "synthetic_control" else 38, power=0.8).effect
    power = answered(**keys, clusters=16 if design != "synthetic_control" else 38, effect=effect).power
    assert power == pytest.approx(0.8, abs=5e-4)  # the other tail is left out of the sum of quantiles
    needed = answered(**keys, effect=effect * 1.0000001, power=power)
    assert needed.solved == "clusters"
    assert abs(needed.clusters[-1] - (38 if design == "synthetic_control" else 16)) <= 1
    assert needed.power >= power


@pytest.mark.parametrize("design", EVERY)
def test_fewer_clusters_than_needed_do_not_reach_the_power(design: str) -> None:
    keys = {"design": design, **EVERY[design]}
    clusters = answered(**keys, effect=1.2, power=0.9).clusters
    fewer = [max(1, count - 1) for count in clusters] if design != "synthetic_control" else [1, clusters[1] - 1]
    found = solve(read_planned({**keys, "effect": 1.2, "clusters": fewer}))
    if clusters[-1] > 2 and isinstance(found, PowerAnswer):
        assert found.power < 0.9


def test_a_series_alone_is_answered_without_clusters() -> None:
    keys = {"design": "interrupted_time_series", "periods": 48, "sd": 1, "autocorrelation": 0.3}
    effect = answered(**keys, power=0.8).effect
    assert answered(**keys, effect=effect).power == pytest.approx(0.8, abs=5e-4)


def test_the_difference_of_proportions_that_can_be_detected_is_worked_out_at_its_own_variance() -> None:
    keys = {"design": "individual_randomised", "clusters": 500, "proportions": 0.5}
    found = answered(**keys, power=0.8)
    assert found.effect > 0
    assert answered(**keys, effect=found.effect).power == pytest.approx(0.8, abs=5e-4)


def test_a_high_proportion_can_only_fall() -> None:
    found = answered(design="individual_randomised", clusters=30, proportions=0.95, power=0.8)
    assert -0.95 < found.effect < 0.0


def test_no_proportion_is_far_enough_for_few_people() -> None:
    found = refused(design="cluster_randomised", clusters=2, size=10, icc=0.9, proportions=0.5, power=0.99)
    assert "between 0 and 1" in str(found.detail)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"design": "cluster_randomised", "clusters": 1, "sd": 1, "power": 0.8}, "degrees of freedom"),
        ({"design": "cluster_randomised", "clusters": 1, "sd": 1, "effect": 1}, "degrees of freedom"),
        ({"design": "before_after", "clusters": 1, "sd": 1, "effect": 1}, "degrees of freedom"),
        ({"design": "stepped_wedge", "starts": [3], "clusters": 6, "periods": 5, "sd": 1, "effect": 1}, "identify"),
        ({"design": "interrupted_time_series", "periods": 4, "sd": 1, "power": 0.8}, "identify"),
        ({"design": "synthetic_control", "clusters": 10, "periods": 9, "sd": 1, "effect": 9}, "placebo"),
        ({"design": "cluster_randomised", "sd": 1, "effect": 1e-6, "power": 0.8}, "No number"),
    ],
)
def test_what_cannot_be_reached_is_an_answer_with_what_it_would_need(keys: dict[str, object], said: str) -> None:
    found = refused(**keys)
    assert said in str(found.detail)
    assert str(found.needs)
    assert found.kind == "not_attainable"


def test_everybody_asked_leaves_nothing_to_chance() -> None:
    found = answered(design="survey_before_after", clusters=100, size=10, population=900, sd=1, effect=0.01)
    assert (found.power, found.standard_error) == (1.0, 0.0)


def test_an_answer_is_words_and_finite_numbers() -> None:
    said = worded(answered(**CLUSTERS, clusters=20, power=0.8))
    assert said["schema"] == "virkning-power/1"
    assert "noncentral_t" in str(said["conventions"])
    assert "design effect" in str(said["assumptions"])


@given(
    st.sampled_from(list(Design)),
    st.integers(1, 40),
    st.floats(1.0, 1e4),
    st.floats(0.0, 0.99),
    st.floats(0.0, 1.0),
    st.floats(1e-6, 1e6),
    st.integers(2, 60),
)
def test_every_design_answers_or_says_why_not(
    design: Design, clusters: int, size: float, icc: float, cac: float, effect: float, periods: int
) -> None:
    keys = {"design": design.value, "sd": 1.0, "size": size, "icc": icc, "cac": cac, "periods": periods}
    keys |= {"effect": effect, "never_treated": 3} if design is Design.STAGGERED_ADOPTION else {"effect": effect}
    found = solve(read_planned({**keys, "clusters": clusters}))
    assert worded(found)
    if isinstance(found, PowerAnswer):
        assert 0.0 <= found.power <= 1.0


STATED: dict[str, dict[str, object]] = {
    name: {**keys, "design": name, "clusters": 38 if name == "synthetic_control" else 16}
    for name, keys in EVERY.items()
}


@pytest.mark.parametrize("design", STATED)
def test_the_direction_of_an_effect_does_not_matter(design: str) -> None:
    up, down = (answered(**STATED[design], effect=sign * 0.3) for sign in (1, -1))
    assert (up.power_z, up.power_t, up.power_noncentral_t) == (down.power_z, down.power_t, down.power_noncentral_t)
    assert up.effect == -down.effect


@pytest.mark.parametrize("design", STATED)
def test_the_unit_of_the_outcome_does_not_matter(design: str) -> None:
    plain = answered(**STATED[design], power=0.8)
    scaled = answered(**{**STATED[design], "sd": 1000}, power=0.8)
    assert scaled.effect == pytest.approx(1000 * plain.effect)
    assert scaled.power_noncentral_t == pytest.approx(plain.power_noncentral_t)


@pytest.mark.parametrize("design", STATED)
def test_a_larger_effect_a_lower_level_and_more_people_are_easier(design: str) -> None:
    stated = STATED[design]
    power = answered(**stated, effect=0.3).power
    assert answered(**stated, effect=0.4).power > power
    assert answered(**stated, effect=0.3, level=0.9).power > power
    assert answered(**{**stated, "size": 200}, effect=0.3).power >= power


@pytest.mark.parametrize("design", STATED)
def test_a_higher_power_needs_a_larger_effect(design: str) -> None:
    least = [answered(**STATED[design], power=power).effect for power in (0.5, 0.8, 0.9)]
    assert least == sorted(least)
    assert len(set(least)) == 3


@pytest.mark.parametrize("design", STATED)
def test_covariates_that_explain_a_part_do_so_to_the_root(design: str) -> None:
    plain = answered(**{**STATED[design], "explained": 0.0}, power=0.8)
    explained = answered(**{**STATED[design], "explained": 0.75}, power=0.8)
    assert explained.effect == pytest.approx(plain.effect / 2.0)


@pytest.mark.parametrize("design", STATED)
def test_t_asks_for_more_than_z(design: str) -> None:
    found = answered(**STATED[design], power=0.8)
    assert found.mde_z is not None and found.mde_t is not None and found.mde_noncentral_t is not None
    assert found.mde_z < found.mde_noncentral_t
    assert found.mde_noncentral_t == pytest.approx(found.mde_t, rel=0.02)


@pytest.mark.parametrize("design", ["cluster_randomised", "two_period_did", "before_after", "survey_before_after"])
def test_people_who_are_alike_tell_less(design: str) -> None:
    least = [answered(**{**STATED[design], "icc": icc}, power=0.8).effect for icc in (0.0, 0.05, 0.2)]
    assert least == sorted(least)


@pytest.mark.parametrize("design", ["two_period_did", "before_after", "stepped_wedge"])
def test_clusters_that_keep_their_level_tell_more_over_time(design: str) -> None:
    least = [answered(**{**STATED[design], "cac": cac}, power=0.8).effect for cac in (0.5, 0.8, 1.0)]
    assert least == sorted(least, reverse=True)


def test_unequal_arms_of_the_same_total_tell_less() -> None:
    even = answered(**{**STATED["cluster_randomised"], "clusters": [16, 16]}, power=0.8)
    uneven = answered(**{**STATED["cluster_randomised"], "clusters": [8, 24]}, power=0.8)
    assert uneven.effect > even.effect
    assert (even.df, uneven.df) == (30.0, 30.0)


def test_one_number_of_clusters_is_that_of_every_arm() -> None:
    assert answered(**{**WEDGE, "sd": 1, "power": 0.8, "clusters": 6}) == answered(**WEDGE, sd=1, power=0.8)


def test_a_wedge_in_which_all_start_but_not_at_once_equals_itself_in_any_order_of_clusters() -> None:
    first = answered(**{**WEDGE, "clusters": [3, 5, 2, 4]}, sd=1, icc=0.1, cac=0.7, power=0.8)
    mirrored = answered(**{**WEDGE, "clusters": [4, 2, 5, 3]}, sd=1, icc=0.1, cac=0.7, power=0.8)
    assert first.effect == pytest.approx(mirrored.effect)  # time turned round: treated and untreated change places


def test_donors_solved_for_are_compared_with_one_treated_unit() -> None:
    found = answered(design="synthetic_control", sd=1, periods=31, starts=20, effect=1.2, power=0.8)
    assert found.clusters[0] == 1
    assert 1.0 / (found.clusters[1] + 1) <= 0.05


@given(st.floats(0.51, 0.99), st.floats(0.5, 0.99), st.integers(2, 500))
def test_the_effect_solved_for_has_the_power_asked_for(power: float, level: float, clusters: int) -> None:
    if power <= 1.0 - level + 0.01:
        return
    keys = {"design": "cluster_randomised", "clusters": clusters, "size": 10, "icc": 0.1, "sd": 1, "level": level}
    effect = answered(**keys, power=power).mde_noncentral_t
    assert effect is not None
    assert answered(**keys, effect=effect).power_noncentral_t == pytest.approx(power, abs=1e-7)


@given(st.floats(0.05, 1.5), st.floats(0.55, 0.95))
def test_the_clusters_solved_for_are_the_fewest(effect: float, power: float) -> None:
    keys = {"design": "cluster_randomised", "size": 20, "icc": 0.05, "sd": 1, "effect": effect}
    needed = answered(**keys, power=power).clusters[0]
    assert answered(**keys, clusters=needed).power >= power
    if needed > 2:
        assert answered(**keys, clusters=needed - 1).power < power
