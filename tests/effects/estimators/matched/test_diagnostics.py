import numpy as np
import pandas as pd
import pytest

from effects.codes import Estimand, StandardError
from effects.design_answers import Asked, Effect
from effects.estimators.matched.diagnostics import balance_after, comparability, effective_rows, hidden_bias, overlap
from effects.estimators.matched.weighting import balancing_weights
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.rows.roles import read_roles
from effects.rows.samples import KEPT, draw, why_dropped
from effects.sources import open_source
from tests.effects.designs import outcome, plan_for
from tests.effects.estimators.matched.people import NAMES, arrays, model_of, people


def plan(estimand: str = "ate") -> AnalysisPlan:
    return plan_for("matched_comparison", estimand=estimand, outcome=[outcome("y", covariates=list(NAMES))])


def asked(frame: pd.DataFrame, estimand: str = "ate") -> Asked:
    stated = plan(estimand)
    roles = read_roles(open_source(frame), stated)
    own = roles.outcomes[0]
    sample = draw(roles, own, why_dropped(roles, own) == KEPT)
    return Asked(outcome=own, roles=roles, plan=stated, settings=settle(stated)[0], sample=sample)


def test_weighting_removes_the_difference_that_it_began_with() -> None:
    question = asked(people(rows=1000))
    sample = question.sample
    model = model_of(sample.treated, sample.covariates, sample.weights)
    weights = balancing_weights(sample.treated, model.probabilities, Estimand.ATE, sample.weights)
    after, before = (balance_after("y", sample, own) for own in (weights, sample.weights))
    assert before.verdict == "warn"
    assert before.statistic is not None
    assert before.statistic > 0.5
    assert after.verdict == "pass"
    assert f"{before.statistic:.3f} was the largest before" in str(after.detail)


def test_all_checks_of_comparability_are_made() -> None:
    question = asked(people())
    model = model_of(question.sample.treated, question.sample.covariates, question.sample.weights)
    found = comparability(question, model.probabilities, question.sample.weights)
    assert [check.name for check in found] == ["balance_after_weighting", "overlap", "effective_rows"]
    assert {check.outcome for check in found} == {"y"}


@pytest.mark.parametrize(("estimand", "share", "verdict"), [(Estimand.ATE, 0.5, "warn"), (Estimand.ATT, 0.25, "warn")])
def test_extreme_propensities_are_counted_where_they_matter(estimand: Estimand, share: float, verdict: str) -> None:
    treated = np.array([1.0, 1.0, 0.0, 0.0])
    found = overlap("y", treated, np.array([0.97, 0.6, 0.4, 0.01]), estimand)
    assert (found.statistic, found.verdict) == (share, verdict)
    assert "2 treated rows are beyond all untreated" in str(found.detail)


def test_arms_of_the_same_people_overlap() -> None:
    treated = np.tile([1.0, 0.0], 10)
    found = overlap("y", treated, np.repeat(np.linspace(0.2, 0.8, 10), 2), Estimand.ATE)
    assert (found.statistic, found.verdict) == (0.0, "pass")


def test_even_weights_count_every_row() -> None:
    found = effective_rows("y", np.repeat([0.0, 1.0], 30), np.full(60, 2.5))
    assert (found.statistic, found.verdict) == (pytest.approx(30.0), "pass")


def test_one_heavy_row_leaves_little() -> None:
    weights = np.ones(60)
    weights[0] = 100.0
    found = effective_rows("y", np.repeat([0.0, 1.0], 30), weights)
    assert found.statistic == pytest.approx(129**2 / 10029)
    assert found.verdict == "warn"
    assert "of 30 untreated rows" in str(found.detail)


@pytest.mark.parametrize(("estimate", "verdict"), [(2.0, "pass"), (0.1, "warn")])
def test_a_small_effect_may_be_a_hidden_one(estimate: float, verdict: str) -> None:
    effect = Effect(estimate=estimate, standard_error=0.1, kind=StandardError.INFLUENCE, df=None, estimator="aipw")
    found = hidden_bias(asked(people()), effect)
    assert found.verdict == verdict
    assert found.statistic is not None
    assert found.statistic > 1.0
    assert "for its limit" in str(found.detail)


def test_an_outcome_constant_within_the_arms_has_no_standardised_effect() -> None:
    frame = people().assign(y=lambda own: own["treated"] * 1.0)
    effect = Effect(estimate=1.0, standard_error=0.1, kind=StandardError.INFLUENCE, df=None, estimator="aipw")
    assert hidden_bias(asked(frame), effect).verdict == "inapplicable"


def test_the_made_up_people_are_compared_on_what_they_chose_by() -> None:
    _, treated, covariates, _ = arrays(people(rows=2000))
    assert covariates[treated == 1.0].mean(axis=0)[0] > covariates[treated == 0.0].mean(axis=0)[0] + 0.4
