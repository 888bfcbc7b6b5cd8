from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from effects import AnalysisPlan, analyse
from effects.errors import PlanError
from effects.results import NotEstimable
from tests.effects.designs import PlanFor, estimated, first

GROUPED = {"unit": "shop", "period": "year", "group": "state"}


@pytest.fixture
def shops() -> pd.DataFrame:
    """Thirty shops in two states over two years, a third of them lost; true effect 2 in state 1 from 2000 on."""
    random = np.random.Generator(np.random.PCG64(3))
    shop, year = np.repeat(np.arange(30), 2), np.tile([1999, 2000], 30)
    state = (shop < 14).astype(int)
    later = year == 2000
    frame = pd.DataFrame({"shop": shop, "year": year, "state": state, "x": random.normal(size=60)})
    frame["w"] = random.integers(1, 9, 60)
    frame["y"] = 2.0 * state * later + later + 0.5 * frame["x"] + random.normal(size=30)[shop] + random.normal(size=60)
    return frame.drop(index=[3, 8, 21, 33, 40, 55])


def test_card_and_krueger_are_met(reference: Path) -> None:
    plan = AnalysisPlan.from_toml(reference / "plans" / "card_krueger.toml")
    found = estimated(reference / "card_krueger.csv", plan)
    assert found.rows == 794
    assert found.estimate == pytest.approx(2.753605783, rel=1e-6)
    assert found.standard_error == pytest.approx(1.306607012, rel=1e-5)


def test_the_interaction_is_that_of_statsmodels(shops: pd.DataFrame, plan_for: PlanFor) -> None:
    plan = plan_for("two_period_did", data=GROUPED, inference={"standard_error": "cr1s"})
    judge = smf.ols("y ~ state * C(year)", shops).fit(cov_type="cluster", cov_kwds={"groups": shops["shop"]})
    found = estimated(shops, plan)
    assert found.estimate == pytest.approx(judge.params["state:C(year)[T.2000]"], rel=1e-10)
    assert found.standard_error == pytest.approx(judge.bse["state:C(year)[T.2000]"], rel=1e-10)


def test_balanced_first_differences_give_the_same_effect(shops: pd.DataFrame, plan_for: PlanFor) -> None:
    both = shops.groupby("shop")["y"].transform("size") == 2
    wide = shops[both].pivot_table(index=["shop", "state"], columns="year", values="y").reset_index()
    change = wide[2000] - wide[1999]
    found = estimated(shops[both], plan_for("two_period_did", data=GROUPED))
    assert found.estimate == pytest.approx(change[wide["state"] == 1].mean() - change[wide["state"] == 0].mean())


def test_a_stated_treatment_and_a_group_with_time_are_the_same(shops: pd.DataFrame, plan_for: PlanFor) -> None:
    both = shops[shops.groupby("shop")["y"].transform("size") == 2]
    stated = both.assign(d=(both["state"] * (both["year"] == 2000)).astype(int))
    by_treatment = plan_for("two_period_did", data={"unit": "shop", "period": "year", "treated": "d"})
    ours, theirs = estimated(stated, by_treatment), estimated(both, plan_for("two_period_did", data=GROUPED))
    assert (ours.estimate, ours.standard_error) == pytest.approx((theirs.estimate, theirs.standard_error), rel=1e-12)


def test_a_shop_seen_once_still_belongs_to_its_state(shops: pd.DataFrame, plan_for: PlanFor) -> None:
    once = shops.groupby("shop")["y"].transform("size") == 1
    found = estimated(shops, plan_for("two_period_did", data=GROUPED))
    assert once.sum() > 0
    assert found.rows == len(shops)


@pytest.mark.parametrize("effects", [["unit", "period"], ["cluster", "period"]])
def test_unit_effects_compare_those_seen_twice(shops: pd.DataFrame, plan_for: PlanFor, effects: list[str]) -> None:
    both = shops[shops.groupby("shop")["y"].transform("size") == 2]
    by_unit = estimated(shops, plan_for("two_period_did", data=GROUPED, model={"fixed_effects": effects}))
    assert by_unit.estimate == pytest.approx(estimated(both, plan_for("two_period_did", data=GROUPED)).estimate)


@pytest.mark.parametrize(
    ("kept", "reason"),
    [
        (lambda own: own["year"] == 2000, "empty_arm"),
        (lambda own: (own["state"] == 1) | (own["year"] == 2000), "empty_arm"),
        (lambda own: (own["state"] == 0) | (own["shop"] == 2), "too_few_clusters"),
        (lambda own: (own["state"] == 1) | (own["shop"] == 25), "too_few_clusters"),
    ],
)
def test_what_is_lacking_is_counted(shops: pd.DataFrame, plan_for: PlanFor, kept: object, reason: str) -> None:
    assert callable(kept)
    found = first(analyse(shops[kept(shops)], plan_for("two_period_did", data=GROUPED)))
    assert isinstance(found, NotEstimable)
    assert found.reason == reason
    assert found.detail.params


def test_several_periods_on_either_side_are_two(plan_for: PlanFor, shops: pd.DataFrame) -> None:
    again = pd.concat([shops, shops.assign(year=shops["year"] + 2)])
    plan = plan_for("two_period_did", data={**GROUPED, "start": 2001})
    judge = smf.ols("y ~ C(year) + state + d", again.assign(d=again["state"] * (again["year"] >= 2001))).fit()
    assert estimated(again, plan).estimate == pytest.approx(judge.params["d"], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("kind", ["iid", "hc1", "hc2", "hc3"])
def test_samples_drawn_anew_each_time_need_no_units(shops: pd.DataFrame, plan_for: PlanFor, kind: str) -> None:
    plan = plan_for("two_period_did", data={"period": "year", "group": "state"}, inference={"standard_error": kind})
    model = smf.ols("y ~ state * C(year)", shops)
    judge = model.fit() if kind == "iid" else model.fit(cov_type=kind.upper())
    found = estimated(shops, plan)
    assert found.standard_error == pytest.approx(judge.bse["state:C(year)[T.2000]"], rel=1e-9)
    assert found.clusters is None


def test_errors_by_cluster_need_units(plan_for: PlanFor) -> None:
    with pytest.raises(PlanError) as raised:
        plan_for("two_period_did", data={"period": "year", "group": "state"})
    assert [finding.where for finding in raised.value.findings] == ["data.cluster"]
