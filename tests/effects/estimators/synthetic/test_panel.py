import numpy as np
import pandas as pd
import pytest

from effects.design_answers import Asked
from effects.estimators.synthetic.panel import Panel, read_panel
from effects.linear_model import Obstacle
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.rows.roles import read_roles
from effects.rows.samples import KEPT, draw, why_dropped
from effects.sources import open_source
from tests.effects.designs import outcome, plan_for
from tests.effects.estimators.synthetic.panels import long, walk

FRAME = long(walk(units=6, periods=8, seed=1), before=5)
STARTED = {"unit": "site", "period": "month", "start": 5, "group": "arm"}


def asked(frame: pd.DataFrame, plan: AnalysisPlan | None = None) -> Asked:
    plan = plan or plan_for("synthetic_control")
    roles = read_roles(open_source(frame), plan)
    kept = why_dropped(roles, roles.outcomes[0]) == KEPT
    sample = draw(roles, roles.outcomes[0], kept)
    return Asked(outcome=roles.outcomes[0], roles=roles, plan=plan, settings=settle(plan)[0], sample=sample)


def panel(frame: pd.DataFrame, plan: AnalysisPlan | None = None) -> Panel:
    found = read_panel(asked(frame, plan))
    assert isinstance(found, Panel), found
    return found


def obstacle(frame: pd.DataFrame, plan: AnalysisPlan | None = None) -> Obstacle:
    found = read_panel(asked(frame, plan))
    assert isinstance(found, Obstacle)
    assert str(found.needs)
    return found


def test_donors_come_first_and_the_treated_last() -> None:
    frame = FRAME.assign(treated=((FRAME["site"] == 2) & (FRAME["month"] >= 5)).astype(int))
    found = panel(frame)
    assert found.labels == ("0", "1", "3", "4", "5", "2")
    assert (found.donors, found.treated, found.before) == (5, 1, 5)
    wide = frame.pivot(index="site", columns="month", values="y").loc[[0, 1, 3, 4, 5, 2]].to_numpy()
    assert (found.outcomes * found.scale).tolist() == wide.tolist()
    assert found.notes == ()


@pytest.mark.parametrize("factor", [1e-300, 1e-3, 1.0, 1e300])
def test_outcomes_of_any_size_are_brought_to_a_size_that_can_be_squared(factor: float) -> None:
    found = panel(FRAME.assign(y=FRAME["y"] * factor))
    assert 0.5 <= np.abs(found.outcomes).max() < 1.0
    assert found.scale == 2.0 ** round(np.log2(found.scale))


def test_the_order_of_the_rows_does_not_matter() -> None:
    shuffled = FRAME.sample(frac=1.0, random_state=3)
    assert panel(shuffled).outcomes.tolist() == panel(FRAME).outcomes.tolist()


def test_several_rows_of_a_cell_become_their_weighted_mean() -> None:
    twice = pd.concat([FRAME.assign(w=1.0), FRAME.assign(w=3.0, y=FRAME["y"] + 4.0)])
    plan = plan_for("synthetic_control", data={"unit": "site", "period": "month", "treated": "treated", "weight": "w"})
    found = panel(twice, plan)
    assert found.outcomes * found.scale == pytest.approx(panel(FRAME).outcomes * panel(FRAME).scale + 3.0)
    assert ["mean" in str(note) for note in found.notes] == [True]


def test_weights_of_single_rows_change_no_digit() -> None:
    plan = plan_for("synthetic_control", data={"unit": "site", "period": "month", "treated": "treated", "weight": "w"})
    weighted = panel(FRAME.assign(w=np.linspace(0.1, 7.0, len(FRAME))), plan)
    assert weighted.outcomes.tolist() == panel(FRAME).outcomes.tolist()


def test_start_and_group_say_the_same_as_a_treated_column() -> None:
    plan = plan_for("synthetic_control", data=STARTED)
    found = panel(FRAME.assign(arm=(FRAME["site"] == 5).astype(int)), plan)
    assert (found.donors, found.before, found.labels[-1]) == (5, 5, "5")


def test_a_unit_that_is_treated_throughout_begins_at_the_stated_start() -> None:
    plan = plan_for("synthetic_control", data={"unit": "site", "period": "month", "treated": "treated", "start": 5})
    found = panel(FRAME.assign(treated=(FRAME["site"] == 5).astype(int)), plan)
    assert (found.donors, found.before) == (5, 5)


def test_periods_may_be_dates() -> None:
    dated = FRAME.assign(month=[f"2020-{month + 1:02d}" for month in FRAME["month"]])
    assert panel(dated).before == 5


def test_a_period_in_which_nobody_is_observed_is_left_out_with_a_note() -> None:
    found = panel(FRAME.assign(y=FRAME["y"].where(FRAME["month"] != 2)))
    assert found.outcomes.shape == (6, 7)
    assert found.before == 4
    assert ["1 periods" in str(note) for note in found.notes] == [True]


def begun(*pairs: tuple[int, int]) -> pd.DataFrame:
    """The frame with these sites treated from these months on."""
    starts = dict(pairs)
    return FRAME.assign(treated=(FRAME["month"] >= FRAME["site"].map(lambda site: starts.get(site, 99))).astype(int))


REFUSED: dict[str, tuple[pd.DataFrame, str, str]] = {
    "a hole": (FRAME.drop(index=11), "not_a_panel", "the first: 1 in 3"),
    "an outcome missing": (FRAME.assign(y=FRAME["y"].where(FRAME.index != 0)), "not_a_panel", "1 of 48 cells"),
    "nobody treated": (FRAME.assign(treated=0), "empty_arm", "0 of 6"),
    "everybody treated": (begun(*((site, 5) for site in range(6))), "empty_arm", "6 of 6"),
    "different starts": (begun((4, 4), (5, 6)), "several_starts", "from 4 to 6"),
    "treated at first": (begun((5, 0)), "too_few_periods", "0 periods"),
    "one period before": (begun((5, 1)), "too_few_periods", "1 periods"),
    "one donor": (FRAME[FRAME["site"] >= 4], "too_few_clusters", "1 donors"),
    "as many donors as treated": (begun((3, 5), (4, 5), (5, 5)), "too_few_clusters", "3 donors for 3"),
    "treatment that ends": (
        FRAME.assign(treated=((FRAME["site"] == 5) & (FRAME["month"] == 5)).astype(int)),
        "treatment_reversed",
        "5 is treated",
    ),
    "treated in part": (
        pd.concat([FRAME, FRAME.assign(treated=0)]),
        "treatment_reversed",
        "5 is treated only in part",
    ),
    "parallel lines": (FRAME.assign(y=1.0 * FRAME["month"]), "no_residual_variation", "alike"),
    "flat lines": (FRAME.assign(y=1.0 * FRAME["site"]), "no_residual_variation", "none moves"),
    "too many units": (long(np.ones((1001, 3)), before=2), "not_implemented", "1001 units"),
}


@pytest.mark.parametrize("problem", REFUSED)
def test_what_is_no_panel_with_one_start_is_refused_by_name(problem: str) -> None:
    frame, reason, words = REFUSED[problem]
    found = obstacle(frame)
    assert found.reason == reason
    assert words in str(found.detail)


def test_covariates_are_refused_by_name() -> None:
    plan = plan_for("synthetic_control", outcome=[outcome("y", covariates=["month"])])
    assert obstacle(FRAME, plan).reason == "not_implemented"


def test_means_that_cannot_be_computed_are_refused() -> None:
    plan = plan_for("synthetic_control", data={"unit": "site", "period": "month", "treated": "treated", "weight": "w"})
    often = pd.concat([FRAME] * 4).assign(w=1.0, y=1.7e308)
    often["y"] -= np.linspace(0, 1e306, len(often))
    with np.errstate(over="ignore"):
        assert obstacle(often, plan).reason == "not_finite"
