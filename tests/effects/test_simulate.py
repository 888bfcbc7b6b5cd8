from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects import analyse
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate
from effects.simulate import PanelVariation, municipal_panel

NAMES = [f"{number:04d}" for number in range(101, 131)]
EFFECTS = {"safety": 0.0, "quality": 2.0, "time": -1.0}


def panel(seed: int = 1) -> pd.DataFrame:
    return municipal_panel(seed, NAMES, 24, EFFECTS)


def test_the_same_seed_gives_the_same_panel() -> None:
    pd.testing.assert_frame_equal(panel(), panel())
    assert not panel().equals(panel(2))


def test_the_panel_has_a_row_for_each_municipality_and_month() -> None:
    frame = panel()
    assert list(frame.columns) == ["municipality", "month", "sequence", "treated", "persons", *EFFECTS]
    assert len(frame) == 30 * 24
    assert not frame.duplicated(["municipality", "month"]).any()
    assert frame["month"].iloc[[0, 23]].tolist() == ["2015-01", "2016-12"]


def test_codes_keep_their_leading_zero() -> None:
    assert set(panel()["municipality"]) == set(NAMES)


def test_it_is_a_stepped_wedge() -> None:
    frame = panel()
    treated = frame.pivot(index="municipality", columns="month", values="treated").to_numpy()
    assert (np.diff(treated, axis=1) >= 0).all()
    assert treated[:, 0].max() == 0
    assert treated[:, -1].min() == 1


def test_sequences_are_of_nearly_equal_size_and_start_in_their_order() -> None:
    frame = panel()
    first = frame.drop_duplicates("municipality")
    assert first["sequence"].value_counts().tolist() == [5] * 6
    share = frame.groupby("sequence")["treated"].mean()
    assert share.is_monotonic_decreasing
    assert share.nunique() == 6


def test_persons_stay_within_their_bounds() -> None:
    assert panel()["persons"].between(40, 400).all()


def test_without_noise_the_effect_is_the_whole_difference() -> None:
    still = PanelVariation(level=10, municipality=0, month=0, cell=0, trend=0)
    frame = municipal_panel(1, NAMES, 12, {"y": 2.5}, variation=still)
    assert frame.groupby("treated")["y"].unique().map(list).to_dict() == {0: [10.0], 1: [12.5]}


def test_the_analysis_finds_the_truth(
    plan_for: Callable[..., AnalysisPlan], indicator: Callable[..., dict[str, object]]
) -> None:
    data = {"unit": "municipality", "period": "month", "treated": "treated", "weight": "persons"}
    plan = plan_for(
        "stepped_wedge",
        data=data,
        model={"working_model": "fixed_effects"},
        outcome=[indicator(name) for name in EFFECTS],
    )
    for entry in analyse(panel(), plan).estimates:
        assert isinstance(entry, EffectEstimate)
        assert abs(entry.estimate - EFFECTS[entry.outcome]) < 3.5 * entry.standard_error


def hussey_and_hughes(draws: int, effect: float) -> pd.DataFrame:
    """Outcomes y0, y1, ... of one stepped wedge: means of cells under random site and site by month effects."""
    random = np.random.Generator(np.random.PCG64(31))
    site, month = np.repeat(np.arange(24), 7), np.tile(np.arange(7), 24)
    treated = (month > site // 4).astype(int)
    people = random.integers(20, 120, 24)[site]
    means = (
        10.0
        + 0.3 * month[:, None]
        + random.normal(0.0, 1.0, (24, draws))[site]
        + random.normal(0.0, 0.4, (24 * 7, draws))
        + random.normal(0.0, 1.0, (24 * 7, draws)) * 3.0 / np.sqrt(people)[:, None]
        + effect * treated[:, None]
    )
    design = pd.DataFrame({"site": site, "month": month, "treated": treated, "people": people})
    return pd.concat([design, pd.DataFrame(means, columns=[f"y{place}" for place in range(draws)])], axis=1)


@pytest.mark.parametrize("working", ["identity", "inverse_weight"])
def test_intervals_of_a_stepped_wedge_cover_the_truth_as_often_as_they_say(
    plan_for: Callable[..., AnalysisPlan], indicator: Callable[..., dict[str, object]], working: str
) -> None:
    draws, truth = 150, 0.7
    frame = hussey_and_hughes(draws, truth)
    plan = plan_for(
        "stepped_wedge",
        data={"unit": "site", "period": "month", "treated": "treated", "weight": "people"},
        model={"working_model": "fixed_effects"},
        inference={"working_variance": working},
        outcome=[indicator(f"y{place}") for place in range(draws)],
    )
    asked = [entry for entry in analyse(frame, plan).estimates if entry.analysis == "primary"]
    found = [entry for entry in asked if isinstance(entry, EffectEstimate)]
    assert len(found) == draws
    covered = [entry.interval.low <= truth <= entry.interval.high for entry in found]
    errors = [entry.estimate - truth for entry in found]
    assert 0.90 <= np.mean(covered) <= 0.99
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(draws)
    assert np.mean([entry.standard_error for entry in found]) == pytest.approx(np.std(errors), rel=0.2)


@given(
    seed=st.integers(0, 2**32 - 1),
    places=st.integers(1, 12),
    months=st.integers(2, 9),
    sequences=st.integers(1, 6),
    effect=st.floats(-5, 5),
)
@settings(max_examples=30)
def test_every_panel_is_a_balanced_stepped_wedge_with_its_true_effect(
    seed: int, places: int, months: int, sequences: int, effect: float
) -> None:
    if sequences > min(months - 1, places):
        return
    still = PanelVariation(level=1.0, municipality=0.0, month=0.0, cell=0.0, trend=0.0)
    frame = municipal_panel(seed, NAMES[:places], months, {"y": effect}, sequences=sequences, variation=still)
    treated = frame.pivot(index="municipality", columns="month", values="treated").to_numpy()
    assert treated.shape == (places, months)
    assert (np.diff(treated, axis=1) >= 0).all()
    assert (treated[:, 0] == 0).all()
    assert (treated[:, -1] == 1).all()
    assert frame["y"].tolist() == pytest.approx((1.0 + effect * frame["treated"]).tolist())
    sizes = frame.drop_duplicates("municipality")["sequence"].value_counts()
    assert set(sizes.index) == set(range(1, sequences + 1))
    assert sizes.max() - sizes.min() <= 1


@pytest.mark.parametrize(
    ("months", "sequences", "persons"),
    [(6, 6, (1, 2)), (12, 0, (1, 2)), (12, 31, (1, 2)), (12, 2, (0, 2)), (12, 2, (3, 2))],
)
def test_sizes_that_do_not_fit_are_refused(months: int, sequences: int, persons: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        municipal_panel(1, NAMES, months, {"y": 0.0}, sequences=sequences, persons=persons)
