from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

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


@pytest.mark.parametrize(
    ("months", "sequences", "persons"),
    [(6, 6, (1, 2)), (12, 0, (1, 2)), (12, 31, (1, 2)), (12, 2, (0, 2)), (12, 2, (3, 2))],
)
def test_sizes_that_do_not_fit_are_refused(months: int, sequences: int, persons: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        municipal_panel(1, NAMES, months, {"y": 0.0}, sequences=sequences, persons=persons)
