from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t
from statsmodels.stats.meta_analysis import combine_effects

from effects.synthesis.answers import Answer, Unanswered
from effects.synthesis.marginal import Marginal, mean_only
from effects.synthesis.random_effects import Prediction, RandomEffects, capped, fixed_effects, random_effects
from tests.effects.synthesis.bcg import trials


def model(estimates: list[float], variances: list[float]) -> Marginal:
    return mean_only(np.array(estimates), np.array(variances))


def answers(found: RandomEffects) -> tuple[Answer, Answer]:
    assert isinstance(found.reml_z, Answer) and isinstance(found.reml_hartung_knapp, Answer)
    return found.reml_z, found.reml_hartung_knapp


def test_the_mean_of_the_vaccine_trials(reference: Path) -> None:
    rows = pd.read_csv(reference / "dat_bcg_es.csv")
    by_z, by_t = answers(random_effects(model(rows["yi"].tolist(), rows["vi"].tolist()), 0.95))
    assert by_t.estimate == pytest.approx(-0.7145323484, abs=1e-6)
    assert by_t.standard_error == pytest.approx(0.1807917455, abs=1e-6)
    assert (by_t.interval.low, by_t.interval.high) == pytest.approx((-1.108443723, -0.3206209737), abs=1e-6)
    assert by_t.tau2 == pytest.approx(0.3132433260, abs=1e-6)
    assert by_z.standard_error == pytest.approx(0.1797815318, abs=1e-6)


def test_the_prediction_of_the_vaccine_trials(reference: Path) -> None:
    rows = pd.read_csv(reference / "dat_bcg_es.csv")
    found = random_effects(model(rows["yi"].tolist(), rows["vi"].tolist()), 0.95).predictions
    limits = {one.convention: one.interval for one in found if isinstance(one, Prediction)}
    assert (limits["z"].low, limits["z"].high) == pytest.approx((-1.866692347, 0.4376276499), abs=1e-6)
    assert (limits["t_k_minus_1"].low, limits["t_k_minus_1"].high) == pytest.approx(
        (-1.996016967, 0.5669522703), abs=1e-6
    )
    assert limits["t_k_minus_2"].low < limits["t_k_minus_1"].low


def test_another_library_finds_the_same_plural_average() -> None:
    studies = trials()
    judge = combine_effects(studies.y, studies.v)
    found = fixed_effects(mean_only(studies.y, studies.v), 0.95)
    assert isinstance(found, Answer)
    assert (found.estimate, found.standard_error) == pytest.approx((judge.mean_effect_fe, judge.sd_eff_w_fe))
    assert "other places" in str(found.note)


def test_hartung_and_knapps_error_is_written_out() -> None:
    studies = trials()
    by_z, by_t = answers(random_effects(mean_only(studies.y, studies.v), 0.95))
    weights = 1.0 / (studies.v + float(by_z.tau2 or 0.0))
    spread = float(weights @ (studies.y - by_z.estimate) ** 2 / 12.0 / np.sum(weights))
    assert by_t.standard_error == pytest.approx(spread**0.5)
    assert by_t.interval.high - by_t.estimate == pytest.approx(spread**0.5 * t.ppf(0.975, 12))
    assert by_t.note is None


def test_estimates_closer_than_chance_are_not_made_narrower_and_it_is_said() -> None:
    by_z, by_t = answers(random_effects(model([0.5, 0.52, 0.49], [0.1, 0.2, 0.3]), 0.95))
    assert by_t.standard_error == by_z.standard_error
    assert by_t.interval.high > by_z.interval.high
    assert "set to 1" in str(by_t.note)
    assert by_z.tau2 == 0.0


def test_identical_estimates_have_an_answer() -> None:
    by_z, by_t = answers(random_effects(model([0.5, 0.5], [0.1, 0.1]), 0.95))
    assert (by_z.estimate, by_z.standard_error) == pytest.approx((0.5, 0.05**0.5))
    assert by_t.p_value > by_z.p_value


def test_one_study_has_the_plural_average_and_the_reason_for_the_rest() -> None:
    one = model([0.5], [0.04])
    found, plural = random_effects(one, 0.95), fixed_effects(one, 0.95)
    assert isinstance(found.reml_z, Unanswered) and isinstance(found.reml_hartung_knapp, Unanswered)
    assert [type(each) for each in found.predictions] == [Unanswered]
    assert isinstance(plural, Answer)
    assert (plural.estimate, plural.standard_error) == pytest.approx((0.5, 0.2))


def test_two_studies_have_no_prediction_by_t_with_none_left() -> None:
    found = random_effects(model([0.1, 0.9], [0.04, 0.04]), 0.95)
    assert [type(each) for each in found.predictions] == [Prediction, Prediction, Unanswered]
    assert answers(found)[1].df == 1.0


def test_what_is_said_of_the_factor() -> None:
    assert capped(5.0, 4) is None
    assert capped(4.0, 4) is None
    assert "0.5 is below 1" in str(capped(2.0, 4))
