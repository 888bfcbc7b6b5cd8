from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, f
from statsmodels.regression.linear_model import WLS

from effects.synthesis.answers import MOST_STUDIES, Unanswered
from effects.synthesis.heterogeneity import reml
from effects.synthesis.marginal import mean_only
from effects.synthesis.meta_regression import Regression, Values, meta_regression
from tests.effects.synthesis.bcg import trials


def regression(moderators: Mapping[str, Values]) -> Regression:
    studies = trials()
    found = meta_regression(studies.y, studies.v, moderators, 0.95)
    assert isinstance(found, Regression)
    return found


def test_the_slope_on_latitude(reference: Path) -> None:
    rows = pd.read_csv(reference / "dat_bcg_es.csv")
    found = meta_regression(
        rows["yi"].to_numpy(), rows["vi"].to_numpy(), {"ablat": rows["ablat"].astype(float).tolist()}, 0.95
    )
    assert isinstance(found, Regression)
    assert [term.name for term in found.terms] == ["intercept", "ablat"]
    assert [term.answer.estimate for term in found.terms] == pytest.approx([0.25146821, -0.0291017249], abs=1e-7)
    assert [term.answer.standard_error for term in found.terms] == pytest.approx([0.28392528, 0.00820142], abs=1e-7)
    assert found.tau2 == pytest.approx(0.0763479640, abs=1e-9)


def test_the_test_of_one_slope_is_its_t_test() -> None:
    found = regression({"latitude": trials().moderators["latitude"]})
    slope = found.terms[1].answer
    assert found.test.statistic == pytest.approx((slope.estimate / slope.standard_error) ** 2)
    assert found.test.p_value == pytest.approx(slope.p_value)
    assert (found.test.df1, found.test.df2, slope.df) == (1, 11, 11.0)


def test_what_a_moderator_explains_is_a_share_of_tau2() -> None:
    studies = trials()
    found = regression({"latitude": studies.moderators["latitude"]})
    assert found.explained == pytest.approx(1.0 - found.tau2 / reml(mean_only(studies.y, studies.v)))
    assert regression({"allocation": studies.moderators["allocation"]}).explained == 0.0


def test_subgroups_have_their_means_and_the_test_between_them() -> None:
    studies = trials()
    found = regression({"allocation": studies.moderators["allocation"]})
    assert [(term.name, term.studies) for term in found.terms] == [("alternate", 2), ("random", 7), ("systematic", 4)]
    groups = np.array(studies.moderators["allocation"])
    weights = 1.0 / (studies.v + found.tau2)
    for term in found.terms:
        own = groups == term.name
        assert term.answer.estimate == pytest.approx(np.average(studies.y[own], weights=weights[own]))
    means = np.array([term.answer.estimate for term in found.terms])
    masses = np.array([np.sum(weights[groups == term.name]) for term in found.terms])
    between = float(masses @ (means - np.average(means, weights=masses)) ** 2) / 2.0
    residual = sum(
        float(weights[groups == term.name] @ (studies.y[groups == term.name] - term.answer.estimate) ** 2)
        for term in found.terms
    )
    factor = max(1.0, residual / 10.0)
    assert found.test.statistic == pytest.approx(between / factor)
    assert found.test.p_value == pytest.approx(f.sf(between / factor, 2, 10))


def test_a_factor_below_one_is_not_used_and_it_is_said() -> None:
    found = regression({"allocation": trials().moderators["allocation"]})
    assert "set to 1" in str(found.note)
    assert regression({"latitude": trials().moderators["latitude"]}).note is None


def test_several_moderators_at_once_are_contrasts_to_the_first_level() -> None:
    found = regression(trials().moderators)
    assert [term.name for term in found.terms] == [
        "intercept",
        "latitude",
        "allocation[random]",
        "allocation[systematic]",
    ]
    assert (found.test.df1, found.test.df2) == (3, 9)
    assert found.residual.df == 9
    assert all(term.studies is None for term in found.terms)


def test_it_says_how_much_a_comparison_between_studies_is_worth() -> None:
    assert "beforehand" in str(regression({"latitude": trials().moderators["latitude"]}).standing)


def test_a_moderator_that_does_not_vary_is_named() -> None:
    studies = trials()
    found = meta_regression(studies.y, studies.v, {"size": [3.0] * 13}, 0.95)
    assert isinstance(found, Unanswered)
    assert "do not differ in size" in str(found.detail)


def test_two_moderators_that_say_the_same_are_named() -> None:
    studies = trials()
    latitude = [float(value) for value in studies.moderators["latitude"]]
    found = meta_regression(studies.y, studies.v, {"a": latitude, "b": [2.0 * one + 1.0 for one in latitude]}, 0.95)
    assert isinstance(found, Unanswered)
    assert "a, b" in str(found.detail)


def test_a_text_that_all_studies_share_is_no_subgroup() -> None:
    found = meta_regression(np.array([0.1, 0.2, 0.4]), np.full(3, 0.1), {"kind": ["x", "x", "x"]}, 0.95)
    assert isinstance(found, Unanswered)


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_studies_are_told_how_many_are_needed(count: int) -> None:
    found = meta_regression(
        np.arange(count, dtype=np.float64), np.ones(count), {"size": [float(one) for one in range(count)]}, 0.95
    )
    assert isinstance(found, Unanswered)
    assert str(found.needs) == "at least 3 studies, or fewer moderators"


def test_where_nothing_differs_nothing_is_explained() -> None:
    found = meta_regression(np.full(4, 0.3), np.full(4, 0.1), {"size": [1.0, 2.0, 3.0, 5.0]}, 0.95)
    assert isinstance(found, Regression)
    assert found.explained is None
    assert found.test.p_value == pytest.approx(1.0)


def test_the_unit_of_a_moderator_scales_its_slope_alone() -> None:
    latitude = np.array([float(value) for value in trials().moderators["latitude"]])
    one, other = regression({"x": latitude.tolist()}), regression({"x": (1000.0 * latitude + 5e4).tolist()})
    assert 1000.0 * other.terms[1].answer.estimate == pytest.approx(one.terms[1].answer.estimate, rel=1e-8)
    assert other.terms[1].answer.p_value == pytest.approx(one.terms[1].answer.p_value, rel=1e-8)
    assert (other.tau2, other.test.statistic) == pytest.approx((one.tau2, one.test.statistic), rel=1e-8)


def test_two_groups_as_texts_and_as_a_number_are_one_model() -> None:
    random = [float(value == "random") for value in trials().moderators["allocation"]]
    kinds = ["random" if value else "other" for value in random]
    texts, number = regression({"kind": kinds}), regression({"kind": random})
    assert (texts.tau2, texts.test.p_value) == pytest.approx((number.tau2, number.test.p_value))
    other, own = (term.answer.estimate for term in texts.terms)
    assert own - other == pytest.approx(number.terms[1].answer.estimate)
    assert other == pytest.approx(number.terms[0].answer.estimate)


def test_the_residual_test_is_q_about_the_regression() -> None:
    studies = trials()
    latitude = [float(value) for value in studies.moderators["latitude"]]
    judge = WLS(studies.y, np.column_stack([np.ones(13), latitude]), weights=1.0 / studies.v).fit()
    found = regression({"latitude": latitude})
    assert found.residual.statistic == pytest.approx(judge.ssr)
    assert found.residual.p_value == pytest.approx(chi2.sf(judge.ssr, 11))


def test_very_many_studies_are_not_regressed() -> None:
    count = MOST_STUDIES + 1
    found = meta_regression(np.zeros(count), np.ones(count), {"x": np.arange(count).tolist()}, 0.95)
    assert isinstance(found, Unanswered)
    assert str(MOST_STUDIES) in str(found.needs)
