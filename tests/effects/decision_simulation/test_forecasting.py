import json
from dataclasses import replace
from math import sqrt
from statistics import NormalDist
from typing import Any

import pytest

from effects.case import GateFact
from effects.codes import Kind
from effects.decision_simulation import forecasting
from effects.decision_simulation.forecasting import REPLICATIONS, SETTLING, Share, forecast, forecasts, share
from effects.decision_simulation.setting import FAITHFUL, REACHING, Facts, economy_at
from effects.spread import spreading
from tests.effects.decision_simulation.planned_setting import ALL_HELP, NOTHING, ONE_HARMED, setting
from tests.effects.elsewhere import elsewhere

MANY = 120
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


def test_several_settings_are_forecast_as_each_alone() -> None:
    both = [setting(pilots=1), setting(tau=0.6)]
    found = forecasts(both, [NOTHING, ALL_HELP], replications=40, seed=2)
    assert found == [forecast(one, [NOTHING, ALL_HELP], replications=40, seed=2) for one in both]


def test_no_setting_is_no_forecast() -> None:
    assert forecasts([], [NOTHING], replications=40, seed=2) == []


def test_no_replication_is_no_answer() -> None:
    with pytest.raises(ValueError, match="replication"):
        forecast(setting(), [NOTHING], replications=0, seed=1)


# ---- closed forms ----------------------------------------------------------------------------------------------------
#
# One pilot, SE 0.35 m, indicators that are unrelated: each probability is a product of normal ones, by hand.

NORMAL = NormalDist()
REACH = NORMAL.inv_cdf(0.975)
ERROR = 0.35
ALONE = forecast(
    setting(pilots=1, tau=0.0, correlation=0.0), [NOTHING, ALL_HELP, ONE_HARMED], replications=2_000, seed=3
)


def near(found: Share, expected: float) -> bool:
    return abs(found.share - expected) < 4 * sqrt(expected * (1 - expected) / 2_000)


def test_no_harm_is_seen_as_often_as_seven_unrelated_tests_find_none() -> None:
    nothing, helped, harmed = ALONE.outlooks
    assert near(nothing.peers["do_no_harm"], 0.975**7)
    assert near(helped.peers["do_no_harm"], 0.975**3 * NORMAL.cdf(1.5 / ERROR + REACH) ** 4)
    missed = NORMAL.cdf(REACH - 1.5 / ERROR)
    assert near(harmed.peers["do_no_harm"], 0.975**4 * missed)


def test_all_goals_win_as_often_as_four_unrelated_tests_and_no_guardrail_lost() -> None:
    power = 1 - NORMAL.cdf(REACH - 1.5 / ERROR)
    assert near(ALONE.outlooks[1].peers["all_goals_win"], power**4 * 0.975**3)


def test_nothing_is_found_to_be_nothing_as_often_as_all_intervals_say_so() -> None:
    """R4: every primary little or no effect (within m - 1.96 se of 0) or harm (below -1.96 se); R1 hardly ever."""
    little = 2 * NORMAL.cdf((1 - REACH * ERROR) / ERROR) - 1
    important = NORMAL.cdf(-1 / ERROR - REACH)
    stopped = (little + 0.025) ** 4
    assert important < 1e-5
    assert near(ALONE.outlooks[0].rules["R4"], stopped)
    assert near(ALONE.outlooks[0].kinds[Kind.STOP], stopped)


def test_an_important_harm_stops_as_often_as_its_interval_lies_beyond_what_matters() -> None:
    harm = NORMAL.cdf(0.5 / ERROR - REACH)
    assert near(ALONE.outlooks[2].rules["R1"], harm)


def test_what_helps_is_rolled_out_where_claims_are_proven_and_no_harm_is_shown() -> None:
    """Guardrails exclude a harm of m; at least two of four proven at 0.05 / 3, the others at least exclude harm."""
    unharmed = NORMAL.cdf(1 / ERROR - REACH)
    assert near(ALONE.outlooks[1].kinds[Kind.ROLL_OUT], unharmed**3)


# ---- what helps a plan -----------------------------------------------------------------------------------------------


def rolled_out(**changes: Any) -> float:
    found = forecast(setting(**changes), [ALL_HELP], replications=100, seed=1)
    return found.outlooks[0].kinds[Kind.ROLL_OUT].share


def test_more_pilots_find_more_of_what_helps() -> None:
    assert rolled_out(pilots=1) < rolled_out(pilots=2) < rolled_out(pilots=6)


def test_pilots_that_differ_find_less_of_what_helps() -> None:
    assert rolled_out(tau=0.0) > rolled_out(tau=0.6) > rolled_out(tau=1.5)


def test_more_precise_pilots_find_more_of_what_helps() -> None:
    sharp = tuple(replace(item, standard_error=0.4) for item in setting().indicators)
    blurred = tuple(replace(item, standard_error=2.0) for item in setting().indicators)
    assert rolled_out(indicators=sharp) > rolled_out() > rolled_out(indicators=blurred)


@pytest.mark.parametrize("probability", [0.3, 0.7])
def test_what_hardly_pays_is_not_rolled_out(probability: float) -> None:
    assert rolled_out(economy=economy_at(probability)) == 0.0


def test_what_costs_more_than_it_is_worth_and_helps_nobody_is_stopped() -> None:
    found = forecast(setting(economy=economy_at(0.2), tau=0.0), [NOTHING], replications=100, seed=1).outlooks[0]
    assert found.rules["R4"].share + found.rules["R6"].share > 0.95
    assert found.settled.share == pytest.approx(found.rules["R4"].share + found.rules["R1"].share)


def test_a_weaker_design_is_rolled_out_in_stages_at_most() -> None:
    facts = Facts(indicator=replace(FAITHFUL, confounders_unmeasured=1))
    changed = setting(design="staggered_adoption", facts=facts)
    kinds = forecast(changed, [ALL_HELP], replications=100, seed=1).outlooks[0].kinds
    assert kinds[Kind.ROLL_OUT].share == 0.0
    assert kinds[Kind.ROLL_OUT_IN_STAGES].share > 0.3


def test_a_gate_that_fails_keeps_everything_from_being_rolled_out() -> None:
    facts = Facts(gates={**Facts().gates, "G5": GateFact(False)})
    assert rolled_out(facts=facts) == 0.0


def test_an_extension_that_pays_is_advised_where_nothing_is_settled() -> None:
    offered = replace(REACHING, extension_feasible=True, evsi=2.0, extension_cost=1.0, extension_assurance=0.9)
    unsure = setting(pilots=1, facts=Facts(portfolio=offered))
    found = forecast(unsure, [ONE_HARMED], replications=100, seed=1).outlooks[0]
    assert found.kinds[Kind.EXTEND].share > 0.5
    assert found.settled.share == pytest.approx(1 - found.kinds[Kind.EXTEND].share, abs=0.02)


def test_without_truths_there_is_nothing_to_weigh() -> None:
    found = forecast(setting(), [], replications=10, seed=1)
    assert found.outlooks == ()
    assert found.probability_settled is None


# ---- in blocks -------------------------------------------------------------------------------------------------------


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of twenty to forty replications."""
    monkeypatch.setattr(forecasting, "REPLICATIONS", 20)


def test_the_usual_numbers_of_replications_are_one_block() -> None:
    """2,000 in the benchmark, 1,000 in the registry."""
    assert REPLICATIONS >= 2_000


@pytest.mark.usefixtures("several")
def test_whoever_does_the_blocks_the_forecasts_are_the_same() -> None:
    both = [setting(pilots=1), setting(pilots=2)]
    here = forecasts(both, [NOTHING, ALL_HELP], replications=100, seed=2)
    with elsewhere() as away, spreading(away):
        there = forecasts(both, [NOTHING, ALL_HELP], replications=100, seed=2)
    assert away.given == [2 * 5]
    assert json.dumps([one.to_mapping() for one in here]) == json.dumps([one.to_mapping() for one in there])


@pytest.mark.usefixtures("several")
def test_blocks_add_to_all_replications() -> None:
    for outlook in forecast(setting(pilots=1), [NOTHING, ALL_HELP], replications=110, seed=2).outlooks:
        counts = [part.share * 110 for part in (*outlook.rules.values(), *outlook.peers.values())]
        assert counts == pytest.approx([round(count) for count in counts])
        assert sum(part.share for part in outlook.rules.values()) == pytest.approx(1.0)
        assert set(outlook.peers) == {"do_no_harm", "all_goals_win"}


@pytest.mark.usefixtures("several")
def test_blocks_find_what_one_block_finds_within_their_errors() -> None:
    found = forecast(setting(pilots=1, tau=0.0, correlation=0.0), [NOTHING], replications=600, seed=9).outlooks[0]
    expected = 0.975**7
    assert abs(found.peers["do_no_harm"].share - expected) < 4 * sqrt(expected * (1 - expected) / 600)


def test_the_first_block_is_what_was_drawn_before_there_were_blocks() -> None:
    """Rolled out, stopped and done no harm, of 120 replications at seed 1, as of revision 06b4fdc."""
    found = {
        name: (one.kinds[Kind.ROLL_OUT].share, one.kinds[Kind.STOP].share, one.peers["do_no_harm"].share)
        for name, one in BY_TRUTH.items()
    }
    counts = {"nothing": (0, 80, 81), "all_help": (109, 0, 98), "one_harmed": (0, 62, 2)}
    assert found == {name: tuple(count / 120 for count in of_one) for name, of_one in counts.items()}
