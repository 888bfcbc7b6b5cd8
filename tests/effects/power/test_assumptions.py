from dataclasses import replace

import pytest

from effects.codes import Design
from effects.power.assumptions import assumptions, convention_words
from effects.power.planned import Planned, Spread

TRIAL = Planned(design=Design.CLUSTER_RANDOMISED, clusters=(8,), size=20.0, icc=0.05, sd=1.0, power=0.8)


def said(planned: Planned) -> str:
    return " ".join(str(sentence) for sentence in (*assumptions(planned), *convention_words(planned)))


@pytest.mark.parametrize("design", list(Design))
def test_every_design_says_what_it_takes_for_granted(design: Design) -> None:
    first = assumptions(replace(TRIAL, design=design))[0]
    assert str(first).endswith(".")


def test_every_convention_is_explained() -> None:
    assert all(f"{name}:" in said(TRIAL) for name in ("z", "t", "noncentral_t"))


def test_what_flatters_is_told() -> None:
    assert "No icc is stated" in said(replace(TRIAL, icc=None))
    assert "No icc is stated" not in said(TRIAL)
    assert "No icc is stated" not in said(replace(TRIAL, icc=None, size=1.0))
    assert "No icc is stated" not in said(replace(TRIAL, icc=None, tau=0.1))


def test_a_level_that_lasts_is_told_where_time_passes() -> None:
    assert "No cac is stated" not in said(TRIAL)
    assert "No cac is stated" in said(replace(TRIAL, design=Design.TWO_PERIOD_DID))
    assert "No cac is stated" not in said(replace(TRIAL, design=Design.TWO_PERIOD_DID, cac=0.8))


def test_equal_sizes_are_told_unless_stated_otherwise() -> None:
    assert "equal size" in said(TRIAL)
    assert "equal size" not in said(replace(TRIAL, size_cv=0.4))


def test_what_sd_measures_is_told() -> None:
    assert "total standard deviation" in said(TRIAL)
    assert "left within a cluster" in said(replace(TRIAL, sd_kind=Spread.RESIDUAL))


@pytest.mark.parametrize(
    ("design", "words"),
    [
        (Design.CLUSTER_RANDOMISED, "its own proportion"),
        (Design.STEPPED_WEDGE, "residual variance is p"),
        (Design.BEFORE_AFTER, "total variance is p"),
    ],
)
def test_how_proportions_vary_is_told(design: Design, words: str) -> None:
    planned = replace(TRIAL, design=design, sd=None, proportions=(0.3,))
    assert words in said(planned)
    assert "increase" in said(planned)
