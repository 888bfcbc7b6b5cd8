import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.codes import Design, FixedEffect
from effects.errors import PlanError
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate
from effects.rollout import Columns, Order, draw_order, plan_file
from effects.second_opinions import UNSTRATIFIED
from tests.effects.rollout.some_places import EVEN, places

PILOT = AnalysisPlan.from_mapping(
    {
        "schema": "virkning-plan/1",
        "title": "The pilot",
        "design": "two_period_did",
        "estimand": "att",
        "data": {"unit": "person", "cluster": "site", "period": "wave", "treated": "arm"},
        "outcome": [
            {
                "column": "visits",
                "role": "primary",
                "domain": "citizen",
                "better": "higher",
                "minimal_important": 1.0,
                "covariates": ["age"],
            },
            {
                "column": "falls",
                "role": "guardrail",
                "domain": "safety",
                "better": "lower",
                "minimal_important": 0.5,
                "claim": "not_worse",
                "margin": 0.2,
            },
        ],
        "multiplicity": {"primary": "bonferroni"},
    }
)
ORDER = draw_order(places(EVEN), 4, 7)


def rows(order: Order, effect: float) -> pd.DataFrame:
    """A row for each place and period; stage 1 starts in period 2."""
    random = np.random.Generator(np.random.PCG64(3))
    listed = [
        {
            "municipality": one.place.code,
            "period": period,
            "treated": int(period > one.stage),
            "stage": one.stage,
            "stratum": one.stratum,
            "visits": effect * (period > one.stage) + period + random.standard_normal(),
            "falls": random.standard_normal(),
        }
        for one in order.placed
        for period in range(1, order.stages + 2)
    ]
    return pd.DataFrame(listed)


def test_a_stepped_wedge_measures_the_outcomes_of_the_pilots_plan() -> None:
    found = plan_file(ORDER, PILOT, title="Roll-out")
    assert found.design is Design.STEPPED_WEDGE
    assert [(one.column, one.claim, one.margin) for one in found.outcomes] == [
        (one.column, one.claim, one.margin) for one in PILOT.outcomes
    ]
    assert found.multiplicity == PILOT.multiplicity
    assert found.model.fixed_effects == (FixedEffect.UNIT, FixedEffect.PERIOD)


def test_what_goes_with_people_stays_behind() -> None:
    assert plan_file(ORDER, PILOT, title="Roll-out").outcomes[0].covariates == ()


def test_the_stages_are_redrawn_within_strata_as_they_were_drawn() -> None:
    found = plan_file(ORDER, PILOT, title="Roll-out")
    assert (found.data.sequence, found.data.strata) == ("stage", "stratum")
    assert found.inference.permutation is not None
    assert found.inference.seed == ORDER.seed


def test_one_stratum_is_none() -> None:
    alone = draw_order(places({("1081", "small"): 8}), 4, 1)
    assert plan_file(alone, PILOT, title="Roll-out").data.strata is None


def test_columns_may_have_other_names() -> None:
    named = Columns(place="kommune", period="maaned", treated="i_gang", stage="etape", stratum="lag")
    found = plan_file(ORDER, PILOT, title="Roll-out", columns=named).data
    assert (found.unit, found.cluster, found.period) == ("kommune", "kommune", "maaned")
    assert (found.treated, found.sequence, found.strata) == ("i_gang", "etape", "lag")


def test_the_plan_survives_its_file() -> None:
    found = plan_file(ORDER, PILOT, title="Roll-out")
    assert AnalysisPlan.from_text(found.to_toml()) == found


def test_rows_as_ordered_are_estimated_with_a_permutation_within_strata() -> None:
    found = analyse(rows(ORDER, 2.0), plan_file(ORDER, PILOT, title="Roll-out")).estimates
    visits, falls = (next(one for one in found if one.outcome == name) for name in ("visits", "falls"))
    assert isinstance(visits, EffectEstimate) and isinstance(falls, EffectEstimate)
    assert abs(visits.estimate - 2.0) < 1.0
    assert visits.p_permutation is not None and visits.p_permutation < 0.001
    assert falls.p_permutation is not None and falls.p_permutation > 0.05


def test_nothing_is_found_where_nobody_is_affected() -> None:
    found = analyse(rows(ORDER, 0.0), plan_file(ORDER, PILOT, title="Roll-out")).estimates
    visits = next(one for one in found if one.outcome == "visits")
    assert isinstance(visits, EffectEstimate)
    assert visits.interval.low < 0.0 < visits.interval.high
    assert visits.p_permutation is not None and visits.p_permutation > 0.05


def test_the_permutation_says_that_it_stayed_within_strata() -> None:
    within = analyse(rows(ORDER, 0.0), plan_file(ORDER, PILOT, title="Roll-out")).estimates[0]
    alone = draw_order(places({("1081", "small"): 12}), 4, 1)
    anywhere = analyse(rows(alone, 0.0), plan_file(alone, PILOT, title="Roll-out")).estimates[0]
    assert isinstance(within, EffectEstimate) and isinstance(anywhere, EffectEstimate)
    said = [UNSTRATIFIED.template in [note.template for note in one.note or ()] for one in (within, anywhere)]
    assert said == [False, True]


def test_indices_of_the_pilot_are_measured_again() -> None:
    index = {
        "name": "daily life",
        "domain": "citizen",
        "method": "kling_liebman_katz",
        "outcomes": ["visits", "falls"],
        "role": "secondary",
    }
    pilot = AnalysisPlan.from_mapping({**PILOT.to_mapping(), "index": [index]})
    assert [one.name for one in plan_file(ORDER, pilot, title="Roll-out").indices] == ["daily life"]


def test_another_order_is_another_plan() -> None:
    plans = [plan_file(draw_order(places(EVEN), 4, seed), PILOT, title="Roll-out") for seed in (7, 7, 8)]
    assert plans[0].fingerprint == plans[1].fingerprint != plans[2].fingerprint


def test_a_roll_out_needs_a_title() -> None:
    with pytest.raises(PlanError):
        AnalysisPlan.from_text(plan_file(ORDER, PILOT, title="").to_toml())
