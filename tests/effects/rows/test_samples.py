from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import DropReason
from effects.plan import AnalysisPlan
from effects.results import Dropped
from effects.rows.roles import Roles, read_roles
from effects.rows.samples import KEPT, Sample, count, draw, dummies, names_of, tally, why_dropped
from effects.sources import open_source
from tests.effects import designs

PlanFor = Callable[..., AnalysisPlan]
FRAME = pd.DataFrame(
    {
        "school": ["b", "a", "b", "a", "c", None],
        "treated": [1, 0, 1, 0, 1, 1],
        "y": [1.0, 2.0, np.nan, 4.0, 5.0, 6.0],
        "x": [1.0, 2.0, 3.0, np.nan, 5.0, 6.0],
        "w": [1.0, 2.0, 3.0, 4.0, 0.0, np.nan],
    }
)


@pytest.fixture
def roles(plan_for: PlanFor, indicator: Callable[..., dict[str, object]]) -> Roles:
    data = {"treated": "treated", "cluster": "school", "weight": "w", "persons": "w"}
    plan = plan_for("cluster_randomised", data=data, outcome=[indicator("y", covariates=["x"])])
    return read_roles(open_source(FRAME), plan)


def sample(roles: Roles) -> Sample:
    outcome = roles.outcomes[0]
    return draw(roles, outcome, why_dropped(roles, outcome) == KEPT)


def test_each_row_has_one_reason_the_first_that_applies(roles: Roles) -> None:
    reasons = why_dropped(roles, roles.outcomes[0])
    assert set(tally(reasons)) == {
        Dropped(DropReason.MISSING_ROLE, 1),
        Dropped(DropReason.ZERO_WEIGHT, 1),
        Dropped(DropReason.MISSING_OUTCOME, 1),
        Dropped(DropReason.MISSING_COVARIATE, 1),
    }
    assert int(np.sum(reasons == KEPT)) == 2


def test_a_missing_weight_is_a_reason_of_its_own(plan_for: PlanFor) -> None:
    plan = plan_for(data={"treated": "treated", "weight": "w"})
    read = read_roles(open_source(FRAME), plan)
    assert Dropped(DropReason.MISSING_WEIGHT, 1) in tally(why_dropped(read, read.outcomes[0]))


def test_the_sample_holds_complete_rows_ordered_by_cluster(roles: Roles) -> None:
    drawn = sample(roles)
    assert drawn.outcome.tolist() == [2.0, 1.0]
    assert drawn.treated.tolist() == [0.0, 1.0]
    assert drawn.weights.tolist() == [0.5, 0.25]
    assert drawn.covariates.tolist() == [[2.0], [1.0]]
    assert drawn.cluster is not None
    assert drawn.cluster.tolist() == [0, 1]
    assert (drawn.size, drawn.clusters, drawn.units) == (2, 2, 2)


def test_rows_of_the_sample_point_back_to_the_source(roles: Roles) -> None:
    drawn = sample(roles)
    assert roles.outcomes[0].values[drawn.rows].tolist() == drawn.outcome.tolist()


def test_only_the_ratios_of_weights_matter(plan_for: PlanFor) -> None:
    plan = plan_for(data={"treated": "treated", "weight": "w"})
    huge = read_roles(open_source(FRAME.assign(w=[1e308, 5e307, 1e308, 1e308, 1e308, 1e308])), plan)
    weights = sample(huge).weights
    assert weights.max() < 1.0
    assert weights.min() / weights.max() == 0.5


def test_without_weights_every_row_counts_alike(plan_for: PlanFor) -> None:
    read = read_roles(open_source(FRAME), plan_for())
    drawn = sample(read)
    assert set(drawn.weights.tolist()) == {1.0}
    assert drawn.persons is None
    assert drawn.clusters is None


def test_a_sample_without_rows_is_empty(roles: Roles) -> None:
    drawn = draw(roles, roles.outcomes[0], np.zeros(roles.rows, dtype=bool))
    assert (drawn.size, drawn.clusters, drawn.covariates.shape) == (0, 0, (0, 1))


def test_dummies_mark_each_code_once() -> None:
    codes = np.array([0, 2, 1, 2])
    assert dummies(codes).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]]
    assert names_of("unit", codes) == ["unit[0]", "unit[1]", "unit[2]"]
    assert (count(codes), count(np.array([], dtype=np.int64))) == (3, 0)


VALUES = st.none() | st.floats(-1e6, 1e6)
DRAWN = st.lists(
    st.tuples(st.sampled_from("abc") | st.none(), VALUES, VALUES, st.none() | st.floats(0, 1e3)),
    min_size=1,
    max_size=20,
)


@given(DRAWN)
@settings(max_examples=40)
def test_every_row_is_kept_or_dropped_for_one_reason(drawn: list[tuple[str | None, float, float, float]]) -> None:
    frame = pd.DataFrame(drawn, columns=["school", "y", "x", "w"])
    frame = frame.astype({"y": float, "x": float, "w": float})
    frame["treated"] = (frame["school"] == "a").astype(int)
    plan = designs.plan_of("cluster_randomised", roles={"weight": "w"}, covariates=["x"])
    read = read_roles(open_source(frame), plan)
    reasons = why_dropped(read, read.outcomes[0])
    kept = sample(read)
    complete = frame.dropna(subset=["school", "y", "x", "w"])
    complete = complete[complete["w"] > 0]
    assert kept.size == len(complete)
    assert kept.size + sum(drop.rows for drop in tally(reasons)) == len(frame)
    assert sorted(kept.outcome.tolist()) == sorted(complete["y"].tolist())
    assert kept.clusters == complete["school"].nunique()
    assert kept.cluster is not None
    assert (np.diff(kept.cluster) >= 0).all()
    assert kept.treated.sum() == complete["treated"].sum()


@given(st.lists(st.floats(1e-300, 1e300), min_size=2, max_size=10))
def test_weights_keep_their_ratios_exactly_on_any_scale(weights: list[float]) -> None:
    frame = pd.DataFrame({"treated": np.arange(len(weights)) % 2, "y": np.arange(len(weights)) * 1.0, "w": weights})
    read = read_roles(open_source(frame), designs.plan_of("individual_randomised", roles={"weight": "w"}))
    drawn = sample(read)
    largest = max(weights)
    expected = [frame["w"][int(value)] / largest for value in drawn.outcome]
    assert (drawn.weights / drawn.weights.max()).tolist() == pytest.approx(expected, rel=1e-15, abs=1e-300)
