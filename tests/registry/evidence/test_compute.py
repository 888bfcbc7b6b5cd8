"""What a look holds."""

import tomllib
from datetime import date
from typing import Any

import pytest
import tomli_w

from effects.case import Case, CaseError, Portfolio, case_from_mapping, to_mapping
from effects.codes import Better
from effects.grading import grade
from effects.rules.indicator import Indicator, Study
from registry.evidence.compute import effects_of, look_of, pooled_figures, together, written
from registry.evidence.grounds import Ground, Heard
from tests.registry.evidence.test_pooling import a_reach, falls


def heard(pilot: int, *indicators: Indicator, **changes: Any) -> Heard:
    case = Case("Robot", indicators, portfolio=Portfolio(pilots=1))
    known: dict[str, Any] = {
        "assessment": pilot + 100,
        "pilot": pilot,
        "title": f"Pilot {pilot}",
        "place": pilot + 10,
        "dated": date(2026, 1, pilot),
        "case": tomli_w.dumps(to_mapping(case)),
        "codes": {"Falls": "falls"},
        "units": {"Falls": "count"},
    }
    return Heard(**{**known, **changes})


def a_ground(*pilots: Heard, information: tuple[float, ...] = ()) -> Ground:
    several = pilots or (heard(2, falls(-2.0)), heard(1, falls(-1.0)))
    return Ground(technology=7, heard=several, reach=a_reach(), information=information)


def test_a_look_holds_pilots_figures_grade_and_the_counts() -> None:
    result = look_of(a_ground()).result
    (item,) = result["indicators"]
    assert [study["pilot"] for study in item["studies"]] == [2, 1]
    assert (item["code"], item["unit"], item["better"]) == ("falls", "count", "lower")
    assert item["pooled"]["low"] < item["pooled"]["mean"] < item["pooled"]["high"] < 0
    assert item["pooled"]["next_better"] > 0.95
    assert result["pilots"] == [{"pilot": 2, "assessment": 102}, {"pilot": 1, "assessment": 101}]
    assert (result["silent"], result["completed"], result["registered"]) == (1, 3, 3)
    assert result["grade"] == grade(together(a_ground()).case).to_mapping()


def test_the_case_of_a_look_gives_its_grade_again() -> None:
    look = look_of(a_ground(information=(0.5, 1.0)))
    case = case_from_mapping(tomllib.loads(look.case))
    assert case.information == (0.5, 1.0)
    assert grade(case).to_mapping() == look.result["grade"]
    assert written(case) == look.case


def test_the_forest_is_drawn_in_both_languages_with_and_without_single_pilots() -> None:
    charts = look_of(a_ground()).result["charts"]
    assert {language: sorted(drawn) for language, drawn in charts.items()} == {
        "da": ["all", "pooled"],
        "en": ["all", "pooled"],
    }
    assert "Pilot 1" in charts["en"]["all"] and "Pilot 1" not in charts["en"]["pooled"]


def test_with_a_single_pilot_nothing_is_drawn() -> None:
    result = look_of(a_ground(heard(1, falls(-1.0)))).result
    assert result["charts"] == {}
    assert result["indicators"][0]["pooled"]["pilots"] == 1


@pytest.mark.parametrize(("studies", "important"), [((), 1.0), ((Study("1", 1.0, 0.5),), None)])
def test_without_a_study_or_an_important_difference_nothing_is_pooled(
    studies: tuple[Study, ...], important: float | None
) -> None:
    assert pooled_figures(studies, important, Better.HIGHER) is None


def test_a_wider_prior_widens_what_a_new_place_may_expect() -> None:
    studies = (Study("1", 1.0, 0.5), Study("2", 1.5, 0.5))
    spreads = []
    for times in (0.5, 1.0, 2.0):
        figures = pooled_figures(studies, 1.0, Better.HIGHER, times)
        assert figures is not None
        spreads.append(figures["predictive_sd"])
    assert spreads == sorted(spreads)


def test_the_effects_for_a_business_case_go_by_name_and_by_code() -> None:
    ground = a_ground()
    effects = effects_of(together(ground), ground)
    assert set(effects) == {"Falls", "falls"}
    assert effects["falls"].mean == pytest.approx(look_of(ground).result["indicators"][0]["pooled"]["mean"])
    assert effects["falls"].predictive_sd > effects["falls"].sd > 0


def test_an_effect_that_is_not_known_is_left_out() -> None:
    ground = a_ground(heard(1, falls(-1.0, minimal_important=None)))
    assert effects_of(together(ground), ground) == {}


def test_an_assessment_that_cannot_be_read_says_why() -> None:
    with pytest.raises(CaseError):
        look_of(a_ground(heard(1, falls(), case="[cace]")))


@pytest.mark.parametrize("better", list(Better))
def test_a_new_place_is_better_off_in_the_direction_that_counts(better: Better) -> None:
    studies = (Study("1", 1.0, 0.3), Study("2", 1.2, 0.3))
    found = pooled_figures(studies, 1.0, better)
    assert found is not None
    assert (found["next_better"] > 0.9) is (better is Better.HIGHER)
    other = pooled_figures(studies, 1.0, Better.LOWER if better is Better.HIGHER else Better.HIGHER)
    assert other is not None and found["next_better"] + other["next_better"] == pytest.approx(1.0)


def test_pilots_in_one_place_are_a_cluster_beside_the_estimators() -> None:
    """Three levels are fitted only where pilots share the body that owns them."""
    pilots = [heard(3, falls(-2.0)), heard(2, falls(-1.0)), heard(1, falls(-0.5))]
    apart = look_of(a_ground(*pilots)).result["indicators"][0]["beside"]
    shared = [heard(n, falls(-float(n)), place=5 if n < 3 else 6) for n in (3, 2, 1)]
    nested = look_of(a_ground(*shared)).result["indicators"][0]["beside"]
    assert apart["three_level"]["kind"] == "not_estimable"
    assert nested["three_level"]["kind"] == "three_level" and nested["three_level"]["clusters"] == 2


def test_of_a_single_pilot_the_figures_are_its_own_and_only_a_new_place_is_modelled() -> None:
    """Also where its interval is not that of a normal distribution, and where other pilots did not measure it."""
    own = falls(-3.0, low=-4.97, high=-1.9, p_value=0.002)
    for pilots in ((heard(1, own),), (heard(2, falls(1.0, name="Strain")), heard(1, own))):
        result = look_of(a_ground(*pilots)).result
        (item,) = [one for one in result["indicators"] if one["name"] == "Falls"]
        pooled = item["pooled"]
        for figures in (pooled, item["studies"][0]):
            assert (figures["low"], figures["high"]) == (-4.97, -1.9)
        assert (pooled["mean"], pooled["p_value"]) == (-3.0, 0.002)
        assert pooled["standard_error"] == item["studies"][0]["standard_error"] < pooled["predictive_sd"]
        (graded,) = [one for one in result["grade"]["indicators"] if one["name"] == "Falls"]
        assert (graded["effect"]["low"], graded["effect"]["high"]) == (1.9, 4.97)
