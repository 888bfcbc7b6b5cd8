from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects import analyse
from effects.estimators.placebo_change import MANY_TREATED
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, Entry, NotEstimable
from tests.effects.designs import plan_for

DATA = {"unit": "site", "period": "year", "group": "town"}


def panel(treated: int, untreated: int, effect: float = 0.0, seed: int = 5) -> pd.DataFrame:
    """Sites before and after, the first of them treated."""
    random = np.random.Generator(np.random.PCG64(seed))
    sites = treated + untreated
    site, year = np.repeat(np.arange(sites), 2), np.tile([0, 1], sites)
    town = (site < treated).astype(int)
    return pd.DataFrame(
        {
            "site": site,
            "year": year,
            "town": town,
            "people": np.repeat(random.integers(20, 500, sites), 2),
            "y": effect * town * year + year + random.normal(size=sites)[site] + random.normal(size=2 * sites),
        }
    )


def placebo(frame: pd.DataFrame, plan: AnalysisPlan | None = None) -> Entry:
    entries = analyse(frame, plan or plan_for("two_period_did", data=DATA)).estimates
    (found,) = (one for one in entries if one.analysis == "sensitivity")
    return found


def test_one_treated_site_is_ranked_among_the_others() -> None:
    frame = panel(1, 19, effect=9.0)
    found = placebo(frame)
    assert isinstance(found, EffectEstimate)
    assert found.p_value == pytest.approx(1 / 20)
    assert found.standard_error_kind == "placebo"
    assert found.note is not None
    assert any("least p-value possible is 0.05" in str(note) for note in found.note)
    primary = analyse(frame, plan_for("two_period_did", data=DATA)).estimates[0]
    assert isinstance(primary, NotEstimable)
    assert primary.reason == "too_few_clusters"


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 3), st.integers(6, 9), st.integers(0, 99))
def test_every_choice_of_placebos_is_one_of_an_obvious_list(treated: int, untreated: int, seed: int) -> None:
    frame = panel(treated, untreated, seed=seed)
    wide = frame.pivot(index="site", columns="year", values="y")
    change = (wide[1] - wide[0]).to_numpy()
    own, others = change[:treated], change[treated:]
    effect, residuals = own.mean() - others.mean(), others - others.mean()
    drawn = []
    for chosen in combinations(range(untreated), treated):
        inside = np.isin(np.arange(untreated), chosen)
        drawn.append(residuals[inside].mean() - residuals[~inside].mean())
    expected = (1 + np.sum(np.abs(drawn) >= abs(effect))) / (1 + len(drawn))
    found = placebo(frame)
    assert isinstance(found, EffectEstimate)
    assert found.estimate == pytest.approx(effect)
    assert found.p_value == pytest.approx(min(1.0, expected))
    assert found.standard_error == pytest.approx(np.std(drawn, ddof=1))


def test_larger_sites_are_expected_to_vary_less() -> None:
    """Residuals are scaled to the size of the treated site: a large one has more convincing placebos than a small."""
    frame = panel(1, 40, effect=1.5, seed=8)
    noisy = frame.assign(
        y=frame["y"] + np.where(frame["people"] < 100, 3.0, 0.2) * frame["year"] * (-1) ** frame["site"]
    )
    data = {**DATA, "persons": "people"}
    sized = [noisy.assign(people=noisy["people"].where(noisy["site"] > 0, size)) for size in (20, 5000)]
    small, large = (placebo(one, plan_for("two_period_did", data=data)) for one in sized)
    assert isinstance(small, EffectEstimate)
    assert isinstance(large, EffectEstimate)
    assert large.standard_error < small.standard_error
    assert large.p_value <= small.p_value


def test_without_a_treated_effect_the_rank_is_uniform() -> None:
    """Over 200 panels with 1 of 20 sites treated the p-value is at most 0.1 in a tenth of them, by a binomial bound."""
    rejected = 0
    for seed in range(200):
        found = placebo(panel(1, 19, seed=seed))
        assert isinstance(found, EffectEstimate)
        rejected += found.p_value <= 0.1 + 1e-12
    assert 8 <= rejected <= 36  # 20 expected; the 99.9 % range of a binomial with 200 trials


def test_too_many_choices_are_drawn_with_the_seed() -> None:
    frame = panel(6, 40, effect=1.0)
    plans = [plan_for("two_period_did", data=DATA, inference={"seed": seed}) for seed in (1, 1, 2)]
    first, again, other = (placebo(frame, plan) for plan in plans)
    assert first == again
    assert isinstance(first, EffectEstimate)
    assert isinstance(other, EffectEstimate)
    assert first.standard_error == pytest.approx(other.standard_error, rel=0.05)


def test_many_treated_sites_need_no_placebos() -> None:
    entries = analyse(panel(MANY_TREATED, 40), plan_for("two_period_did", data=DATA)).estimates
    assert {one.analysis for one in entries} == {"primary"}


def test_too_few_untreated_sites_are_counted() -> None:
    found = placebo(panel(2, 3))
    assert isinstance(found, NotEstimable)
    assert found.detail.params == {"treated": 2, "untreated": 3}


def test_sites_seen_once_are_no_placebos() -> None:
    frame = panel(1, 19)
    found = placebo(frame.drop(index=[5, 9, 12]))
    assert isinstance(found, EffectEstimate)
    assert found.units == 17
