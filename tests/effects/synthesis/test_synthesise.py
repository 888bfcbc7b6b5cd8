import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.serialize import document
from effects.synthesis.answers import Answer, Interval, PooledAnswer, Unanswered
from effects.synthesis.heterogeneity import Heterogeneity
from effects.synthesis.pooling import pool
from effects.synthesis.studies import Studies
from effects.synthesis.synthesise import Synthesis, synthesise
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
        Studies(("a", "b"), (-1e14, 1e14), (1e10, 1e20), ("x", "y"), ("2020", "2020"), {"size": [1.0, 2.0]}),
        Studies(("a", "b", "c"), (0.0, 0.0, 0.0), (1e-4, 1.0, 1e6), ("x", "x", "y"), None, {"kind": ["u", "v", "w"]}),
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


FIVE = Studies(
    ("a", "b", "c", "d", "e"),
    (0.31, -0.12, 0.55, 0.08, 0.90),
    (0.04, 0.02, 0.09, 0.01, 0.16),
    ("x", "x", "y", "y", "z"),
    ("2019", "2020", "2021", "2022", "2023"),
    {"size": [1.0, 4.0, 2.0, 8.0, 5.0], "kind": ["u", "v", "u", "v", "v"]},
)


def said(record: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every record inside an answer, with where it lies."""
    if is_dataclass(record):
        yield path, record
        for field in fields(record):
            yield from said(getattr(record, field.name), f"{path}.{field.name}")
    elif isinstance(record, tuple):
        for place, item in enumerate(record):
            yield from said(item, f"{path}[{place}]")


def answers(found: Synthesis) -> dict[str, Answer | PooledAnswer]:
    return {path: one for path, one in said(found) if isinstance(one, Answer | PooledAnswer)}


def intervals(found: Synthesis) -> dict[str, Interval]:
    return {path: one for path, one in said(found) if isinstance(one, Interval)}


def moved(change: Callable[[float], float], scale: float = 1.0, studies: Studies = FIVE) -> Studies:
    estimates = tuple(change(one) for one in studies.estimates)
    return replace(studies, estimates=estimates, variances=tuple(one * scale**2 for one in studies.variances))


def test_every_estimator_is_there_to_be_compared() -> None:
    """Five pooled or fitted means, seven leave-one-out and cumulative pairs, and three regressions with their terms."""
    paths = set(answers(synthesise(FIVE, scale=0.3, silent=1)))
    assert {".pooling", ".fixed_effects", ".reml_z", ".reml_hartung_knapp", ".three_level.mean"} <= paths
    assert {f".leave_one_out[{place}].pooling" for place in range(5)} <= paths
    assert {".regressions[0].terms[1].answer", ".regressions[2].terms[2].answer"} <= paths
    assert {".prior_sensitivity.half", ".prior_sensitivity.double"} <= paths


def test_a_better_direction_turned_round_turns_every_answer() -> None:
    one, other = answers(synthesise(FIVE, scale=0.3)), answers(synthesise(moved(lambda y: -y), scale=0.3))
    assert one.keys() == other.keys()
    for path, found in one.items():
        turned = other[path]
        assert turned.estimate == pytest.approx(-found.estimate, abs=1e-9), path
        assert turned.standard_error == pytest.approx(found.standard_error, rel=1e-6), path
        assert turned.p_value == pytest.approx(found.p_value, rel=1e-5), path
        ends = (-found.interval.high, -found.interval.low)
        assert (turned.interval.low, turned.interval.high) == pytest.approx(ends, rel=1e-6, abs=1e-9), path


@pytest.mark.parametrize("times", [0.001, 60.0, 1e6])
def test_another_unit_scales_every_answer_and_changes_no_p_value(times: float) -> None:
    one = answers(synthesise(FIVE, scale=0.3, silent=1))
    other = answers(synthesise(moved(lambda y: times * y, times), scale=0.3 * times, silent=1))
    for path, found in one.items():
        assert other[path].estimate == pytest.approx(times * found.estimate, rel=1e-6), path
        assert other[path].standard_error == pytest.approx(times * found.standard_error, rel=1e-6), path
        assert other[path].p_value == pytest.approx(found.p_value, rel=1e-5, abs=1e-12), path


def test_a_shift_of_all_studies_shifts_the_means_and_no_slope() -> None:
    one, other = synthesise(FIVE, scale=0.3), synthesise(moved(lambda y: y + 10.0), scale=0.3)
    for path, found in answers(one).items():
        slope = ".regressions[0].terms[1]" in path or (".regressions[2].terms" in path and "terms[0]" not in path)
        assert answers(other)[path].estimate == pytest.approx(found.estimate + (0.0 if slope else 10.0), abs=1e-5), path
    assert isinstance(one.heterogeneity, Heterogeneity) and isinstance(other.heterogeneity, Heterogeneity)
    assert other.heterogeneity.tau2_reml == pytest.approx(one.heterogeneity.tau2_reml, rel=1e-6)
    assert other.heterogeneity.q.statistic == pytest.approx(one.heterogeneity.q.statistic, rel=1e-9)


WHOLE = (".pooling", ".fixed_effects", ".reml_z", ".reml_hartung_knapp", ".three_level.mean", ".three_level.mean_cr2")


@pytest.mark.parametrize("order", list(permutations(range(5)))[7::31])
def test_the_order_of_the_rows_changes_no_answer_about_all_of_them(order: tuple[int, ...]) -> None:
    kinds = FIVE.moderators["kind"]
    shuffled = replace(FIVE.some(order), moderators={"kind": [str(kinds[place]) for place in order]})
    one = answers(synthesise(replace(FIVE, moderators={"kind": kinds}), scale=0.3))
    other = answers(synthesise(shuffled, scale=0.3))
    for path in (*WHOLE, ".regressions[0].terms[0].answer", ".regressions[0].terms[1].answer"):
        assert other[path].estimate == pytest.approx(one[path].estimate, rel=1e-7), path
        assert other[path].standard_error == pytest.approx(one[path].standard_error, rel=1e-6), path


def test_a_wider_level_holds_every_narrower_interval_of_the_same_name() -> None:
    narrow, wide = intervals(synthesise(FIVE, scale=0.3, level=0.8)), intervals(synthesise(FIVE, scale=0.3, level=0.99))
    assert narrow.keys() == wide.keys()
    for path, limits in narrow.items():
        assert wide[path].low < limits.low < limits.high < wide[path].high, path


def test_every_interval_is_about_its_estimate_and_agrees_with_its_p_value() -> None:
    for path, found in answers(synthesise(FIVE, scale=0.3)).items():
        assert found.interval.low < found.estimate < found.interval.high, path
        outside = found.interval.low > 0.0 or found.interval.high < 0.0
        assert outside is (found.p_value < 0.05), path


def test_weighted_means_by_hand() -> None:
    """Weights 25, 50 and 100 of 0.4, 0.1 and 0.9: (10 + 5 + 90) / 175, Q and tau2 by DerSimonian and Laird beside."""
    found = synthesise(Studies(("a", "b", "c"), (0.4, 0.1, 0.9), (0.04, 0.02, 0.01)))
    assert isinstance(found.fixed_effects, Answer) and isinstance(found.heterogeneity, Heterogeneity)
    mean = 105.0 / 175.0
    assert found.fixed_effects.estimate == pytest.approx(mean)
    assert found.fixed_effects.standard_error == pytest.approx(175.0**-0.5)
    q = 25 * (0.4 - mean) ** 2 + 50 * (0.1 - mean) ** 2 + 100 * (0.9 - mean) ** 2
    assert found.heterogeneity.q.statistic == pytest.approx(q)
    assert found.heterogeneity.tau2_dersimonian_laird == pytest.approx((q - 2) / (175 - (625 + 2500 + 10000) / 175))


def test_leaving_one_out_is_the_synthesis_of_the_others() -> None:
    found = synthesise(FIVE, scale=0.3)
    assert isinstance(found.leave_one_out, tuple)
    for place, subset in enumerate(found.leave_one_out):
        others = synthesise(FIVE.some([one for one in range(5) if one != place]), scale=0.3)
        assert (subset.study, subset.studies) == (FIVE.names[place], 4)
        assert (subset.pooling, subset.reml_hartung_knapp) == (others.pooling, others.reml_hartung_knapp)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 4.0)), min_size=2, max_size=5))
@settings(max_examples=25)
def test_whatever_the_studies_hartung_knapp_is_never_narrower_than_z(drawn: list[tuple[float, float]]) -> None:
    estimates, variances = zip(*drawn, strict=True)
    found = synthesise(Studies(tuple(map(str, range(len(drawn)))), estimates, variances))
    wide, narrow = found.reml_hartung_knapp, found.reml_z
    assert isinstance(wide, Answer) and isinstance(narrow, Answer)
    assert wide.interval.low <= narrow.interval.low and narrow.interval.high <= wide.interval.high
    low, high = np.min(estimates), np.max(estimates)
    assert low - 1e-9 <= wide.estimate <= high + 1e-9, "a mean lies among its studies"
