"""Several pilots in one case."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from effects.case import Case, Economy, GateFact, Portfolio, case_from_mapping, to_mapping
from effects.codes import Better, Domain, Role
from effects.rules.indicator import Indicator
from registry.evidence.pooling import Told, pooled_case
from registry.evidence.reach import Place, Reach
from tests.registry.evidence.test_worst import an_indicator


def a_reach(**changes: Any) -> Reach:
    known: dict[str, Any] = {
        "registered": 3,
        "planned": 3,
        "completed": 3,
        "silent": 1,
        "untested": 0.2,
        "sites": (Place(1, 11, 81), Place(2, 12, 82), Place(3, None, 82)),
        "strata_covered": False,
    }
    return Reach(**{**known, **changes})


def figures(estimate: float, error: float = 0.5) -> dict[str, Any]:
    return {
        "estimate": estimate,
        "low": estimate - 1.96 * error,
        "high": estimate + 1.96 * error,
        "level": 0.95,
        "standard_error": error,
    }


def falls(estimate: float = -1.0, **facts: Any) -> Indicator:
    return an_indicator(**{"minimal_important": 1.0, **figures(estimate), **facts})


def told(pilot: int, *indicators: Indicator, **stated: Any) -> Told:
    case = Case("Robot", indicators, **{"portfolio": Portfolio(pilots=1, major_version_change=False), **stated})
    return Told(pilot=pilot, place=pilot + 10, dated=date(2026, 1, pilot), case=case)


def test_indicators_of_one_name_and_direction_become_studies_of_one_indicator() -> None:
    found = pooled_case([told(2, falls(-2.0)), told(1, falls(-1.0, name="FALLS "))], a_reach())
    (indicator,) = found.case.indicators
    assert [(one.pilot, one.estimate, one.date, one.cluster) for one in indicator.studies] == [
        ("2", -2.0, "2026-01-02", "12"),
        ("1", -1.0, "2026-01-01", "11"),
    ]
    assert (indicator.estimate, indicator.p_value, indicator.name) == (None, None, "Falls")
    assert found.apart == ()


def test_the_pooled_case_can_be_written_and_read_again() -> None:
    case = pooled_case([told(2, falls(-2.0)), told(1, falls(-1.0))], a_reach(), (0.5, 1.0)).case
    assert case_from_mapping(to_mapping(case)) == case
    assert case.information == (0.5, 1.0)


def test_an_indicator_of_one_pilot_keeps_its_own_figures_and_stands_apart() -> None:
    strain = falls(0.3, name="Strain", domain=Domain.STAFF, role=Role.GUARDRAIL)
    found = pooled_case([told(2, falls(-2.0)), told(1, falls(-1.0), strain)], a_reach())
    alone = found.case.indicators[1]
    assert (alone.estimate, alone.studies) == (0.3, ())
    assert [(one.indicator, one.reason.template) for one in found.apart] == [
        ("Strain", "No other pilot measured it, so it stands by itself.")
    ]
    assert [study.pilot for study in found.studies["Strain"]] == ["1"]


def test_the_same_name_with_the_other_direction_is_kept_apart_under_a_name_of_its_own() -> None:
    found = pooled_case([told(2, falls(-2.0)), told(1, falls(1.0, better=Better.HIGHER))], a_reach())
    assert [one.name for one in found.case.indicators] == ["Falls", "Falls (higher)"]
    assert {one.indicator for one in found.apart} == {"Falls", "Falls (higher)"}
    assert all("opposite direction" in one.reason.template for one in found.apart)


def test_a_pilot_without_an_estimate_is_told_and_the_only_study_keeps_its_figures() -> None:
    silent = replace(falls(), estimate=None, low=None, high=None, standard_error=None)
    found = pooled_case([told(2, silent), told(1, falls(-1.5))], a_reach())
    (indicator,) = found.case.indicators
    assert (indicator.estimate, indicator.studies) == (-1.5, ())
    assert [dict(one.reason.params) for one in found.apart] == [{"pilots": 1}]


def test_an_error_that_is_not_stated_is_worked_out_of_the_interval() -> None:
    published = replace(falls(-2.0), standard_error=None)
    found = pooled_case([told(2, published), told(1, falls())], a_reach())
    assert found.studies["Falls"][0].standard_error == pytest.approx(0.5, abs=1e-4)


def test_the_words_of_the_plan_are_the_newest_and_the_margin_is_the_strictest() -> None:
    newest = falls(role=Role.GUARDRAIL, minimal_important=2.0, margin=1.5)
    found = pooled_case([told(2, newest), told(1, falls(margin=0.5))], a_reach())
    (indicator,) = found.case.indicators
    assert (indicator.role, indicator.minimal_important, indicator.margin) == (Role.GUARDRAIL, 2.0, 0.5)
    assert set(found.differing["Falls"]) == {"minimal_important", "margin", "role"}


def test_the_reach_is_counted_over_all_pilots() -> None:
    found = pooled_case([told(2, falls()), told(1, falls())], a_reach()).case.portfolio
    assert (found.pilots, found.share_silent, found.untested_size_classes, found.strata_covered) == (
        2,
        pytest.approx(1 / 3),
        0.2,
        False,
    )
    assert (found.municipalities_with_comparison, found.regions_with_comparison) == (2, 2)


def test_only_places_of_pilots_with_a_comparison_are_counted() -> None:
    uncompared = falls(design="before_after")
    found = pooled_case([told(2, uncompared), told(1, falls())], a_reach()).case.portfolio
    assert (found.municipalities_with_comparison, found.regions_with_comparison) == (1, 1)


def test_what_cannot_be_counted_is_the_worst_that_is_stated_and_unknown_stays_unknown() -> None:
    unknown = a_reach(untested=None, strata_covered=None, sites=())
    stated = [Portfolio(pilots=1, untested_size_classes=share, untested_target_groups=share) for share in (0.1, 0.3)]
    cases = [told(2, falls(), portfolio=stated[0]), told(1, falls(), portfolio=stated[1])]
    assert pooled_case(cases, unknown).case.portfolio.untested_size_classes == 0.3
    silent = [told(2, falls()), told(1, falls(), portfolio=stated[1])]
    found = pooled_case(silent, unknown).case.portfolio
    assert (found.untested_size_classes, found.untested_target_groups, found.strata_covered) == (None, None, None)


def test_a_gate_holds_where_it_holds_for_every_pilot() -> None:
    gates = [
        {"G1": GateFact(True, "Locked."), "G5": GateFact(True), "G3": GateFact(True, "A.")},
        {"G1": GateFact(False, "Not locked."), "G3": GateFact(True, "B.")},
    ]
    found = pooled_case([told(2, falls(), gates=gates[0]), told(1, falls(), gates=gates[1])], a_reach()).case.gates
    assert found["G1"] == GateFact(False, "Not locked.")
    assert found["G5"] == GateFact(None)
    assert found["G3"] == GateFact(True, "A. B.")


def test_of_several_economies_the_one_worth_least_is_taken() -> None:
    worse = Economy(expected_net_value=-5.0, currency="DKK")
    cases = [told(2, falls(), economy=Economy(expected_net_value=9.0)), told(1, falls(), economy=worse)]
    assert pooled_case(cases, a_reach()).case.economy == worse
    assert pooled_case([told(2, falls()), told(1, falls())], a_reach()).case.economy == Economy()


def test_who_analysed_it_is_the_worst_that_is_known() -> None:
    cases = [told(2, falls(), analysed_by_supplier_or_owner=False), told(1, falls())]
    assert pooled_case(cases, a_reach()).case.analysed_by_supplier_or_owner is None
    cases[1] = told(1, falls(), analysed_by_supplier_or_owner=True)
    assert pooled_case(cases, a_reach()).case.analysed_by_supplier_or_owner is True


def test_a_single_pilot_keeps_its_case_but_for_what_the_registry_counts() -> None:
    alone = told(1, falls(), information=(1.0,))
    found = pooled_case([alone], a_reach())
    assert found.case.indicators == alone.case.indicators
    assert (found.case.portfolio.share_silent, found.case.information, found.apart) == (
        pytest.approx(1 / 3),
        (1.0,),
        (),
    )


PILOTS = [
    told(3, falls(-0.5, margin=0.8), gates={"G1": GateFact(True)}),
    told(2, falls(-2.0, blinded=False), gates={"G1": GateFact(True)}, analysed_by_supplier_or_owner=False),
    told(1, falls(-1.0, margin=0.4), gates={"G1": GateFact(None)}),
]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_whichever_pilot_is_the_newest_the_studies_and_the_worst_facts_are_the_same(order: tuple[int, ...]) -> None:
    found = pooled_case([PILOTS[place] for place in order], a_reach()).case
    first = pooled_case(PILOTS, a_reach()).case
    (one,), (other,) = first.indicators, found.indicators
    assert sorted(study.pilot for study in other.studies) == ["1", "2", "3"]
    assert {study.pilot: study.estimate for study in other.studies} == {"1": -1.0, "2": -2.0, "3": -0.5}
    assert (other.margin, other.blinded) == (one.margin, one.blinded) == (0.4, False)
    assert found.gates == first.gates == {"G1": GateFact(None)}
    assert found.portfolio == first.portfolio


def test_every_figure_of_a_single_pilot_is_dropped_once_there_are_studies() -> None:
    """What one pilot's interval, p-value or prediction says must never stand beside the studies as if of all."""
    rich = falls(-2.0, p_value=0.001, df=12.0, predictive_low=-3.0, predictive_high=-1.0, margin_p_value=0.01)
    (indicator,) = pooled_case([told(2, rich), told(1, falls())], a_reach()).case.indicators
    for name in ("estimate", "low", "high", "p_value", "standard_error", "df", "margin_p_value"):
        assert getattr(indicator, name) is None, name
    assert (indicator.predictive_low, indicator.predictive_high) == (None, None)


def test_the_only_estimate_among_several_pilots_keeps_its_own_figures_but_the_worst_facts() -> None:
    silent = replace(falls(blinded=False), estimate=None, low=None, high=None, standard_error=None)
    (indicator,) = pooled_case([told(2, silent), told(1, falls(-1.5, blinded=True))], a_reach()).case.indicators
    assert (indicator.estimate, indicator.blinded) == (-1.5, False)


def test_a_margin_that_nobody_states_stays_unknown_and_one_is_never_wider_than_the_important_difference() -> None:
    def margin(*stated: float | None) -> float | None:
        pilots = [told(9 - place, falls(margin=one)) for place, one in enumerate(stated)]
        return pooled_case(pilots, a_reach()).case.indicators[0].margin

    assert margin(None, None) is None
    assert margin(None, 0.7) == 0.7
    assert margin(5.0, 3.0) == 1.0


def test_names_are_matched_whatever_their_capitals_and_spaces() -> None:
    pilots = [told(3, falls(name="Falls at  home")), told(2, falls(name=" falls AT home")), told(1, falls())]
    found = pooled_case(pilots, a_reach())
    assert [(one.name, len(one.studies)) for one in found.case.indicators] == [("Falls at  home", 2), ("Falls", 0)]


@pytest.mark.parametrize(("pilots", "municipalities"), [(2, 1), (3, 2)])
def test_the_portfolio_counts_the_pilots_that_are_heard_and_where_they_ran(pilots: int, municipalities: int) -> None:
    """Pilot 3 ran in a region alone, pilot 2 and pilot 1 in a municipality each."""
    found = pooled_case(PILOTS[:pilots], a_reach()).case.portfolio
    assert (found.pilots, found.municipalities_with_comparison) == (pilots, municipalities)


def test_the_look_boundary_is_that_of_the_technology_not_of_one_pilot() -> None:
    stated = [told(2, falls(), information=(1.0,)), told(1, falls(), information=(0.5, 1.0))]
    assert pooled_case(stated, a_reach()).case.information == ()
    assert pooled_case(stated, a_reach(), (0.5,)).case.information == (0.5,)
