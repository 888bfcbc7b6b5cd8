import json
from dataclasses import replace
from math import sqrt

import pytest

from effects.codes import Kind
from effects.decision_simulation.forecasting import SETTLING, forecast, share
from tests.effects.decision_simulation.planned_setting import ALL_HELP, NOTHING, ONE_HARMED, setting

MANY = 200
FORECAST = forecast(setting(), [NOTHING, ALL_HELP, ONE_HARMED], replications=MANY, seed=1)
BY_TRUTH = {outlook.truth.name: outlook for outlook in FORECAST.outlooks}


def test_what_helps_is_rolled_out_and_what_does_not_is_not() -> None:
    assert BY_TRUTH["all_help"].kinds[Kind.ROLL_OUT].share > 0.8
    assert BY_TRUTH["nothing"].kinds[Kind.ROLL_OUT].share < 0.02
    assert BY_TRUTH["one_harmed"].kinds[Kind.ROLL_OUT].share == 0.0


def test_every_kind_and_rule_is_counted_once() -> None:
    for outlook in FORECAST.outlooks:
        assert set(outlook.kinds) == set(Kind)
        assert sum(part.share for part in outlook.kinds.values()) == pytest.approx(1.0)
        assert sum(part.share for part in outlook.rules.values()) == pytest.approx(1.0)


def test_settled_is_what_harm_roll_out_and_no_gain_settle() -> None:
    for outlook in FORECAST.outlooks:
        parts = [outlook.rules[rule].share for rule in SETTLING]
        assert outlook.settled.share == pytest.approx(sum(parts))
    assert BY_TRUTH["nothing"].settled.share > 0.5


def test_a_share_carries_its_monte_carlo_error() -> None:
    assert share(30, 100).error == pytest.approx(sqrt(0.3 * 0.7 / 100))
    assert share(0, 100) == share(0, 1)


def test_peers_that_look_for_harm_roll_out_what_does_nothing() -> None:
    assert BY_TRUTH["nothing"].peers["do_no_harm"].share > 0.5
    assert BY_TRUTH["nothing"].peers["all_goals_win"].share < 0.05


def test_the_prior_weighs_the_truths() -> None:
    truths = [replace(NOTHING, probability=0.25), replace(ALL_HELP, probability=0.75)]
    found = forecast(setting(), truths, replications=50, seed=1)
    parts = [outlook.settled.share for outlook in found.outlooks]
    assert found.probability_settled == pytest.approx(0.25 * parts[0] + 0.75 * parts[1])


@pytest.mark.parametrize("probabilities", [(None, None), (0.5, None), (0.5, 0.4)])
def test_a_prior_that_is_not_whole_settles_nothing(probabilities: tuple[float | None, float | None]) -> None:
    first, second = probabilities
    truths = [replace(NOTHING, probability=first), replace(ALL_HELP, probability=second)]
    assert forecast(setting(pilots=1), truths, replications=5, seed=1).probability_settled is None


def test_the_same_seed_gives_the_same_answer() -> None:
    twice = [forecast(setting(), [ALL_HELP], replications=40, seed=5) for _ in range(2)]
    assert twice[0] == twice[1]
    assert twice[0] != forecast(setting(), [ALL_HELP], replications=40, seed=6)


def test_the_answer_is_json() -> None:
    mapping = FORECAST.to_mapping()
    read = json.loads(json.dumps(mapping, allow_nan=False))
    assert read["schema"] == "virkning-simulation/1"
    assert read["outlooks"][0]["truth"]["title"]["text"] == "One of the truths"
    assert set(read["outlooks"][0]["kinds"]) == {kind.value for kind in Kind}


def test_no_replication_is_no_answer() -> None:
    with pytest.raises(ValueError, match="replication"):
        forecast(setting(), [NOTHING], replications=0, seed=1)
