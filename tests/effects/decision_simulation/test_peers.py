import numpy as np

from effects.decision_simulation.peers import rolled_out
from tests.effects.decision_simulation.planned_setting import setting

HARM, WIN = -1.5, 1.5


def peers(*estimates: float) -> dict[str, bool]:
    found = rolled_out(setting(pilots=1), np.array([[estimates]]), 0.95)
    return {name: bool(flags[0]) for name, flags in found.items()}


def test_nothing_seen_is_no_harm_seen() -> None:
    assert peers(*[0.0] * 7) == {"do_no_harm": True, "all_goals_win": False}


def test_all_goals_win_where_every_primary_is_better() -> None:
    assert peers(*[WIN] * 4, *[0.0] * 3) == {"do_no_harm": True, "all_goals_win": True}


def test_one_goal_that_does_not_win_is_enough_to_stay() -> None:
    assert peers(*[WIN] * 3, 1.3, *[0.0] * 3) == {"do_no_harm": True, "all_goals_win": False}


def test_a_harmed_guardrail_keeps_both_from_rolling_out() -> None:
    assert peers(*[WIN] * 4, HARM, 0.0, 0.0) == {"do_no_harm": False, "all_goals_win": False}


def test_a_harmed_primary_is_harm() -> None:
    assert peers(HARM, *[0.0] * 6) == {"do_no_harm": False, "all_goals_win": False}


def test_only_the_first_pilot_is_read() -> None:
    estimates = np.array([[[0.0] * 7, [HARM] * 7]])
    assert rolled_out(setting(pilots=2), estimates, 0.95)["do_no_harm"].tolist() == [True]


def test_without_a_goal_none_has_won() -> None:
    guardrails = setting().indicators[4:]
    found = rolled_out(setting(indicators=guardrails, pilots=1), np.zeros((1, 1, 3)), 0.95)
    assert not found["all_goals_win"].any()
