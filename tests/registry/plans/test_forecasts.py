import pytest

from effects.codes import Kind
from registry.plans.forecasts import ORDER, Share, settled, told
from tests.registry.plans.story import a_forecast


def test_a_stored_forecast_is_told_truth_by_truth() -> None:
    found = told(a_forecast(0.75))
    assert (found.settled, found.replications, found.standard_errors) == (0.75, 100, {"language": 0.02})
    nothing, all_help = found.truths
    assert (nothing.name, nothing.probability, nothing.rolled_out.share) == ("nothing_helps", 0.5, 0.01)
    assert (all_help.rolled_out.of_hundred, all_help.stopped.of_hundred) == (85, 5)
    assert tuple(kind for kind, _ in all_help.advice) == ORDER
    assert set(ORDER) == set(Kind)
    assert all(name.template for name, _ in nothing.peers)


def test_rolled_out_is_either_way_with_its_own_error() -> None:
    stored = a_forecast()
    stored["forecast"]["outlooks"][1]["kinds"]["ROLL_OUT_IN_STAGES"] = {"share": 0.05, "error": 0.02}
    rolled_out = told(stored).truths[1].rolled_out
    assert rolled_out.share == pytest.approx(0.9)
    assert rolled_out.error == pytest.approx((0.9 * 0.1 / 100) ** 0.5)


def test_only_changes_that_gain_more_than_the_error_are_told_the_largest_first() -> None:
    stored = a_forecast(0.75)
    assert [str(one.change) for one in told(stored).changes] == ["Twice as many pilots: 6"]
    assert told(stored).changes[0].settled == pytest.approx(0.875)
    larger = {"change": {"template": "Twice as many clusters in each pilot", "params": {}}, "gain": 0.3}
    (first, second) = told({**stored, "changes": [*stored["changes"], larger]}).changes
    assert (first.gain, first.settled) == (0.3, 1.0), "a probability is never more than 1"
    assert second.gain == 0.125


def test_a_gate_that_the_plan_keeps_shut_is_told_with_what_opens_it() -> None:
    gate = {"title": {"template": "A guardrail", "params": {}}, "remedy": {"template": "Add one.", "params": {}}}
    ((title, remedy),) = told({**a_forecast(), "barriers": [gate]}).barriers
    assert (str(title), str(remedy)) == ("A guardrail", "Add one.")


def test_the_probability_that_decides_on_locking_is_read_from_the_stored_result() -> None:
    assert settled(a_forecast(0.42)) == 0.42


@pytest.mark.parametrize(("share", "of_hundred"), [(0.0, 0), (0.004, 0), (0.006, 1), (0.5, 50), (0.997, 100)])
def test_a_share_is_said_as_so_many_of_a_hundred(share: float, of_hundred: int) -> None:
    assert Share(share, 0.0).of_hundred == of_hundred


@pytest.mark.parametrize("out", [0.0, 0.4, 1.0])
def test_a_share_that_is_all_or_nothing_has_no_error(out: float) -> None:
    stored = a_forecast()
    kinds = stored["forecast"]["outlooks"][0]["kinds"]
    kinds["ROLL_OUT"], kinds["ROLL_OUT_IN_STAGES"] = ({"share": out / 2, "error": 0.01} for _ in range(2))
    rolled_out = told(stored).truths[0].rolled_out
    assert rolled_out.share == pytest.approx(out)
    assert rolled_out.error == pytest.approx((out * (1 - out) / 100) ** 0.5)


def test_rounding_never_makes_more_than_all() -> None:
    stored = a_forecast()
    kinds = stored["forecast"]["outlooks"][0]["kinds"]
    kinds["ROLL_OUT"], kinds["ROLL_OUT_IN_STAGES"] = {"share": 0.7, "error": 0.0}, {"share": 0.3 + 1e-12, "error": 0.0}
    assert told(stored).truths[0].rolled_out.share == 1.0


def test_a_change_as_large_as_the_error_is_no_gain() -> None:
    stored = a_forecast() | {"error": 0.125}
    assert told(stored).changes == ()
