"""Columns and contrasts of the mixed models of trials."""

import numpy as np
import pandas as pd
import pytest

from effects.codes import Reason
from effects.design_answers import Asked
from effects.estimators.mixed_designs import (
    MixedDesign,
    cluster_design,
    exposure_design,
    exposure_times,
    repeated,
    wedge_design,
)
from effects.inference.mixed_model import MOST_ROWS
from effects.linear_model import Obstacle
from effects.planning.settings import settle
from effects.rows.roles import read_roles
from effects.rows.samples import KEPT, draw, why_dropped
from effects.sources import open_source
from tests.effects.designs import plan_for, rows, rows_for

SEQUENCED = {"treated": "treated", "unit": "site", "period": "month", "sequence": "sequence"}


def asked(frame: pd.DataFrame, design: str, **sections: object) -> Asked:
    """What a design is asked about the outcome y of the frame."""
    plan = plan_for(design, **sections)
    roles = read_roles(open_source(frame), plan)
    (own,) = roles.outcomes
    sample = draw(roles, own, why_dropped(roles, own) == KEPT)
    return Asked(outcome=own, roles=roles, plan=plan, settings=settle(plan)[0], sample=sample)


def built(found: MixedDesign | Obstacle) -> MixedDesign:
    assert not isinstance(found, Obstacle), str(found.detail)
    return found


def reason(found: MixedDesign | Obstacle) -> Reason:
    assert isinstance(found, Obstacle)
    assert str(found.detail)
    assert str(found.needs)
    return found.reason


def test_a_stepped_wedge_has_treatment_and_a_dummy_for_each_period_but_one(wedge: pd.DataFrame) -> None:
    own = asked(wedge, "stepped_wedge")
    found = built(wedge_design(own.sample))
    assert found.model.names == ("treated", "intercept", *(f"period[{place}]" for place in range(1, 8)))
    assert found.average.tolist() == [1.0] + [0.0] * 8
    assert found.cells is not None
    assert found.cells.tolist() == np.tile(np.arange(8), 9).tolist()


def test_a_cluster_randomised_trial_has_the_columns_of_least_squares_and_no_cells(schools: pd.DataFrame) -> None:
    found = built(cluster_design(asked(schools, "cluster_randomised")))
    assert found.model.names == ("intercept", "treated")
    assert found.average.tolist() == [0.0, 1.0]
    assert found.cells is None


def test_exposure_counts_the_periods_since_the_clusters_first_treated_one(wedge: pd.DataFrame) -> None:
    own = asked(wedge, "stepped_wedge")
    expected = wedge["month"] - (2 + 2 * (wedge["site"] % 3))
    assert exposure_times(own).tolist() == expected.tolist()


def test_exposure_has_one_column_for_each_time_and_their_plain_average(wedge: pd.DataFrame) -> None:
    own = asked(wedge, "stepped_wedge")
    found = built(exposure_design(own))
    assert found.exposures.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.average[-6:] == pytest.approx([1 / 6] * 6)
    assert not found.average[:-6].any()
    columns = found.model.design[:, -6:]
    assert columns.sum(axis=1).tolist() == wedge["treated"].tolist()
    assert (found.each @ found.model.design.T).T.tolist() == columns.tolist()


def test_a_lost_first_outcome_does_not_move_the_exposure(wedge: pd.DataFrame) -> None:
    lost = wedge.assign(y=wedge["y"].where((wedge["site"] != 0) | (wedge["month"] != 2)))
    own = asked(lost, "stepped_wedge")
    kept = wedge[lost["y"].notna()]
    assert exposure_times(own).tolist() == (kept["month"] - (2 + 2 * (kept["site"] % 3))).tolist()


def test_a_lost_first_row_does_not_move_it_where_the_sequence_is_stated(wedge: pd.DataFrame) -> None:
    kept = wedge.assign(sequence=wedge["site"] % 3)[(wedge["site"] != 0) | (wedge["month"] != 2)]
    own = asked(kept, "stepped_wedge", data=SEQUENCED)
    assert exposure_times(own).tolist() == (kept["month"] - (2 + 2 * (kept["site"] % 3))).tolist()
    assert exposure_times(asked(kept, "stepped_wedge"))[:4].tolist() != exposure_times(own)[:4].tolist()


def test_a_period_that_nobody_is_observed_in_still_passes(wedge: pd.DataFrame) -> None:
    gone = wedge.assign(y=wedge["y"].where(wedge["month"] != 5))
    own = asked(gone, "stepped_wedge")
    assert set(exposure_times(own)[own.sample.treated == 1.0].tolist()) == {0, 1, 2, 3, 4, 5}
    found = built(wedge_design(own.sample))
    assert len(found.model.names) == 2 + 6


def test_covariates_enter_both(wedge: pd.DataFrame) -> None:
    from_rows = wedge.assign(x=np.sin(np.arange(len(wedge))))
    outcome = [
        {
            "column": "y",
            "role": "primary",
            "domain": "citizen",
            "better": "higher",
            "minimal_important": 0.5,
            "covariates": ["x"],
        }
    ]
    own = asked(from_rows, "stepped_wedge", outcome=outcome)
    assert "x" in built(wedge_design(own.sample)).model.names
    assert "x" in built(exposure_design(own)).model.names


def test_what_is_no_wedge_is_refused_by_name(wedge: pd.DataFrame) -> None:
    for own, expected in (
        (wedge.assign(treated=0), Reason.EMPTY_ARM),
        (wedge.assign(treated=1), Reason.EMPTY_ARM),
        (wedge.assign(treated=((wedge["site"] == 0) & (wedge["month"] > 3)) * 1), Reason.TOO_FEW_CLUSTERS),
        (wedge.assign(y=np.nan), Reason.NO_ROWS),
        (wedge.assign(y=3.0), Reason.CONSTANT_OUTCOME),
    ):
        question = asked(own, "stepped_wedge")
        assert reason(wedge_design(question.sample)) is expected
        assert reason(exposure_design(question)) is expected


def test_too_few_clusters_are_refused_by_name(schools: pd.DataFrame) -> None:
    few = schools[schools["school"].isin([0, 1])]
    assert reason(cluster_design(asked(few, "cluster_randomised"))) is Reason.TOO_FEW_CLUSTERS


@pytest.mark.parametrize("design", ["cluster_randomised", "stepped_wedge"])
def test_more_rows_than_a_mixed_model_bears_are_refused_before_a_column_is_made(design: str) -> None:
    frame = rows_for(design, rows(sites=8, months=6))
    many = pd.concat([frame] * (MOST_ROWS // len(frame) + 1))
    own = asked(many, design)
    found = cluster_design(own) if design == "cluster_randomised" else wedge_design(own.sample)
    assert reason(found) is Reason.NOT_IMPLEMENTED


def test_people_seen_repeatedly_within_clusters_are_told_from_clusters_seen_repeatedly(wedge: pd.DataFrame) -> None:
    both = {"treated": "treated", "unit": "person", "period": "month", "cluster": "site"}
    assert not repeated(asked(wedge, "stepped_wedge").sample)
    once = wedge.assign(person=np.arange(len(wedge)))
    assert not repeated(asked(once, "stepped_wedge", data=both).sample)
    cohort = pd.concat([wedge.assign(person=2 * wedge["site"]), wedge.assign(person=2 * wedge["site"] + 1)])
    assert repeated(asked(cohort, "stepped_wedge", data=both).sample)
