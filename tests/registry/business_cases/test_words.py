from typing import Any

import pytest

from registry.business_cases.words import beyond, guesses, headline, knowing, plain, reach, rounded, unmeasured


def worth(**changes: Any) -> dict[str, Any]:
    """A valuation as far as the words look at it."""
    return {"probability_positive": 0.5, "guessed_share": 0.0, "evpi": 12_345.6, "currency": "DKK", **changes}


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (None, "not known yet"),
        (0.99, "almost surely pays for itself: the probability is 99 %"),
        (0.95, "almost surely"),
        (0.94, "probably pays for itself"),
        (0.8, "probably pays for itself"),
        (0.79, "may pay for itself, and it may not"),
        (0.5, "may well not pay for itself"),
        (0.21, "may well not pay for itself"),
        (0.2, "probably does not pay for itself: the probability that it does is 20 %"),
        (0.0, "probably does not pay for itself"),
    ],
)
def test_how_sure_it_is_that_it_pays(probability: float | None, said: str) -> None:
    assert said in str(headline(worth(probability_positive=probability)))


def test_the_net_value_lies_within_its_reach() -> None:
    assert reach(100.0, 50.0) == (2.0, 198.0)
    assert reach(None, None) is None
    assert reach(100.0, None) is None


@pytest.mark.parametrize(
    ("share", "said"),
    [(None, "No line is valued yet."), (0, "No figure that counts is a guess."), (0.55, "55 % of what the lines")],
)
def test_how_much_rests_on_guesses(share: float | None, said: str) -> None:
    assert str(guesses(worth(guessed_share=share))).startswith(said)


def test_what_knowing_more_can_be_worth_at_most() -> None:
    assert "12,346 DKK at most" in str(knowing(worth()))
    assert knowing(worth(evpi=None)) is None


@pytest.mark.parametrize(
    ("amount", "shown"), [(12_717_126.4, 12_700_000), (-98_485_787, -98_500_000), (0, 0), (12, 12)]
)
def test_a_large_amount_is_said_without_false_precision(amount: float, shown: float) -> None:
    assert rounded(amount) == shown


def a_line(mean: float | None, scope: str = "national", counted: bool = True) -> dict[str, Any]:
    return {"title": "Tender", "payer": "state", "scope": scope, "mean": mean, "counted": counted}


def test_what_falls_on_no_municipality_makes_the_nation_differ_from_the_sum_over_sizes() -> None:
    sizes = [{"mean": 100_000.0}, {"mean": 113_000.0}]
    lines = [a_line(-51_000.0), a_line(9.0, "per_unit"), a_line(-7.0, counted=False)]
    said = str(beyond(worth(by_size_class=sizes, lines=lines), {"state": "The state"}))
    assert "The sizes add up to 213,000 DKK" in said
    assert "holds -51,000 DKK that falls on no single municipality: Tender (The state)." in said


@pytest.mark.parametrize(
    ("sizes", "lines"),
    [
        ([], [a_line(1.0)]),
        ([{"mean": None}], [a_line(1.0)]),
        ([{"mean": 1.0}], [a_line(None), a_line(1.0, "per_unit")]),
    ],
)
def test_where_there_is_nothing_beside_the_sizes_nothing_is_said(sizes: Any, lines: Any) -> None:
    assert beyond(worth(by_size_class=sizes, lines=lines), {"state": "The state"}) is None


def test_codes_in_a_message_become_words() -> None:
    params = {"indicator": "minutes", "kind": "working_time", "day": "2017-03-01", "line": "A"}
    told = plain({"template": "x", "params": params}, {"minutes": "Minutes of care"}, "da")
    expected = {"indicator": "Minutes of care", "kind": "Working time", "day": "01-03-2017", "line": "A"}
    assert told == {"template": "x", "params": expected}
    assert plain({"template": "x", "params": {"indicator": "typo"}}, {}, "en")["params"] == {"indicator": "typo"}


def test_an_indicator_that_nobody_measures_is_found_once() -> None:
    lines = [{"indicator": "minutes"}, {"indicator": "minuts"}, {"title": "A"}, {"indicator": "minuts"}]
    assert unmeasured({"line": lines}, {"minutes"}) == ["minuts"]
    assert unmeasured({}, ()) == []
