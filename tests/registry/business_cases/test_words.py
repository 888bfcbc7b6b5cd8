from typing import Any

import pytest

from registry.business_cases.words import guesses, headline, knowing, reach, rounded


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
