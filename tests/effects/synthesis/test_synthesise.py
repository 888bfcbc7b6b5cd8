import json

import pytest

from effects.serialize import document
from effects.synthesis.answers import Answer, PooledAnswer, Unanswered
from effects.synthesis.heterogeneity import Heterogeneity
from effects.synthesis.pooling import pool
from effects.synthesis.studies import Studies
from effects.synthesis.synthesise import synthesise
from effects.synthesis.three_level import ThreeLevel
from tests.effects.synthesis.bcg import trials


def test_every_estimator_stands_beside_the_others() -> None:
    found = synthesise(trials(), scale=0.15, silent=2)
    kinds = {
        name: value["kind"]
        for name, value in found.to_mapping().items()
        if isinstance(value, dict) and "kind" in value and name != "three_level"
    }
    assert set(kinds.values()) == {"estimate", "bound"}
    assert isinstance(found.heterogeneity, Heterogeneity)
    assert len(found.prediction_intervals) == 3
    assert [regression.kind for regression in found.regressions] == ["regression"] * 3


def test_the_pooling_model_is_the_one_of_the_rules() -> None:
    studies = trials()
    found, pooled = synthesise(studies, scale=0.15), pool(studies.estimates, (studies.v**0.5).tolist(), 0.15)
    assert isinstance(found.pooling, PooledAnswer)
    assert (found.pooling.estimate, found.pooling.interval.low) == (pooled.mean, pooled.low)


def test_studies_stand_as_they_entered() -> None:
    found = synthesise(trials())
    assert (found.studies[0].study, found.studies[0].date, found.studies[0].cluster) == ("trial 1", "1948", None)
    assert found.studies[0].standard_error == pytest.approx(trials().variances[0] ** 0.5)


def test_clusters_make_three_levels() -> None:
    studies = Studies(("a", "b", "c", "d"), (0.1, 0.3, 0.9, 0.8), (0.01,) * 4, clusters=("x", "x", "y", "y"))
    found = synthesise(studies)
    assert isinstance(found.three_level, ThreeLevel)
    assert found.three_level.clusters == 2
    assert isinstance(synthesise(trials()).three_level, Unanswered)


def test_nothing_stated_is_nothing_guessed() -> None:
    found = synthesise(Studies(("a", "b"), (0.1, 0.3), (0.01, 0.02)))
    unknown = [found.pooling, found.prior_sensitivity, found.three_level, found.cumulative, found.silent_pilots]
    assert all(isinstance(one, Unanswered) for one in unknown)
    assert found.regressions == ()


@pytest.mark.parametrize(
    "studies",
    [
        Studies(("a",), (0.3,), (0.04,), ("x",), ("2020",), {"size": [1.0], "kind": ["u"]}),
        Studies(("a", "b"), (0.3, 0.3), (0.04, 0.04), ("x", "x"), ("2020", "2020"), {"size": [1.0, 1.0]}),
        Studies(("a", "b"), (-1e20, 1e20), (1e10, 1e25), ("x", "y"), ("2020", "2020"), {"size": [1.0, 2.0]}),
        Studies(("a", "b", "c"), (0.0, 0.0, 0.0), (1e-7, 1.0, 1e8), ("x", "x", "y"), None, {"kind": ["u", "v", "w"]}),
        Studies(("a", "b", "c", "d"), (0.0, 5.0, 0.0, 5.0), (1e-6,) * 4, ("x", "x", "y", "y"), None, {}),
    ],
)
def test_odd_sets_have_figures_or_reasons_and_never_nan(studies: Studies) -> None:
    mapping = synthesise(studies, scale=0.3, silent=1).to_mapping()
    text = document(mapping).decode()
    assert "NaN" not in text and "Infinity" not in text
    assert json.loads(text) == mapping


def test_the_mapping_is_in_english_and_keeps_what_its_sentences_are_made_of() -> None:
    mapping = synthesise(trials()).to_mapping()
    levels = mapping["three_level"]
    assert isinstance(levels, dict)
    assert levels["detail"].startswith("No clusters") and set(levels["messages"]) == {"detail", "needs"}
    assert mapping["schema"] == "virkning-synthesis/1"


def test_the_same_studies_give_the_same_bytes() -> None:
    first, second = (document(synthesise(trials(), scale=0.15, silent=2).to_mapping()) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("scale", "level", "silent"), [(0.0, 0.95, 0), (float("inf"), 0.95, 0), (1, 1.0, 0), (1, 0.9, -1)]
)
def test_a_call_that_makes_no_sense_is_refused(scale: float, level: float, silent: int) -> None:
    with pytest.raises(ValueError, match=r"scale|silent"):
        synthesise(trials(), scale=scale, level=level, silent=silent)


def test_another_level_reaches_every_interval() -> None:
    found = synthesise(trials(), scale=0.15, level=0.8)
    assert isinstance(found.reml_hartung_knapp, Answer) and isinstance(found.pooling, PooledAnswer)
    assert {found.reml_hartung_knapp.interval.level, found.pooling.interval.level} == {0.8}
