"""Pooled effects and economy are worked out again."""

import json
from dataclasses import replace
from typing import Any

import pytest

from effects.bundle.documents import Unreadable
from effects.bundle.parts import BUSINESS_CASE, CASE, SYNTHESIS, VALUATION, Parts
from effects.bundle.recomputing import case_of
from effects.bundle.report import Verdict
from effects.bundle.worth import checked_worth, codes_of, synthesised, valued
from effects.economics.business_case import BusinessCaseError
from effects.synthesis import pool
from tests.effects.bundle.story import the_parts


def places(parts: Parts) -> list[tuple[str, str]]:
    return [(one.file, one.where) for one in checked_worth(parts, 0.0).differences]


def test_what_was_written_agrees_and_says_what_it_was_worked_out_from() -> None:
    checked = checked_worth(the_parts(), 0.0)
    assert checked.differences == []
    assert checked.how[SYNTHESIS][0] is checked.how[VALUATION][0] is Verdict.RECOMPUTED
    assert checked.how[BUSINESS_CASE][0] is Verdict.AGREES


def test_pooled_effects_are_those_of_the_model_of_the_rules() -> None:
    falls = case_of(the_parts().case).indicators[0]
    studies = [(study.estimate, study.standard_error) for study in falls.studies]
    found = pool(*zip(*studies, strict=True), 0.3 * 0.5)
    entry = json.loads(synthesised(the_parts().case))["indicators"][0]
    assert (entry["name"], entry["pilots"], entry["mean"]) == ("falls", 3, found.mean)
    assert entry["predictive_sd"] == found.predictive_sd


def test_a_single_pilot_is_pooled_with_itself_and_one_without_figures_is_left_out() -> None:
    case = the_parts().pilots[2].case
    entries = json.loads(synthesised(case))["indicators"]
    assert [(entry["pilots"], round(entry["mean"], 9)) for entry in entries] == [(1, -0.5), (1, -0.5)]
    silent = case.replace(b"minimal_important", b"#")
    assert json.loads(synthesised(silent))["indicators"] == []


def test_without_economy_there_is_nothing_to_check() -> None:
    bare = replace(the_parts(), synthesis=None, business_case=None, valuation=None, places=None)
    assert checked_worth(bare, 0.0).how == {}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"synthesis": b'{"schema": "virkning-bundle-synthesis/1", "indicators": []}'}, (SYNTHESIS, "$.indicators")),
        ({"business_case": b"schema = 3"}, (BUSINESS_CASE, "$")),
        ({"business_case": None}, (BUSINESS_CASE, "$")),
        ({"places": b"{}"}, (BUSINESS_CASE, "$")),
        ({"places": b'{"places": [{"code": 1}]}'}, (BUSINESS_CASE, "$")),
        ({"valuation": b"{}"}, (VALUATION, "$.expected_net_value")),
    ],
)
def test_what_does_not_lead_to_the_valuation_is_named(changes: dict[str, Any], place: tuple[str, str]) -> None:
    assert place in places(replace(the_parts(), **changes))


def test_the_economy_of_the_case_is_that_of_the_valuation() -> None:
    now = the_parts().case.replace(b'currency = "DKK"', b'currency = "EUR"')
    assert (CASE, "economy.currency") in places(replace(the_parts(), case=now))
    other = the_parts().case.replace(b"horizon_years = 4.0", b"horizon_years = 5.0")
    assert (CASE, "economy.horizon_years") in places(replace(the_parts(), case=other))


def test_effects_are_known_by_name_and_by_the_columns_of_the_plans() -> None:
    assert codes_of(the_parts()) == (("falls", "falls"), ("strain", "strain"))
    text = (the_parts().business_case or b"").replace(b'indicator = "falls"', b'indicator = "fall_count"')
    args = (text, the_parts().places or b"", the_parts().synthesis or b"")
    assert json.loads(valued(*args, (("falls", "fall_count"),)))["expected_net_value"] is not None
    assert json.loads(valued(*args, ()))["expected_net_value"] is None


@pytest.mark.parametrize(("name", "value"), [("population", "20"), ("population", -1), ("size_class", []), ("code", 7)])
def test_a_place_that_is_none_is_refused(name: str, value: object) -> None:
    stated = json.loads(the_parts().places or b"")
    stated["places"][0][name] = value
    changed = replace(the_parts(), places=json.dumps(stated).encode())
    assert (BUSINESS_CASE, "$") in places(changed)


def test_a_business_case_or_places_that_cannot_be_read_say_so() -> None:
    with pytest.raises(BusinessCaseError):
        valued(b"schema = 3", the_parts().places or b"", b"", ())
    with pytest.raises(Unreadable):
        valued(b"", b"[]", b"", ())
