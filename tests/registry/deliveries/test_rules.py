"""Which authority a file is of, and what is wrong with files before and after they are read."""

from collections.abc import Sequence
from datetime import date

import pytest

from registry.deliveries.rules import (
    DELIVER,
    GATHER,
    LARGEST_FILE,
    VIEW,
    cpr,
    deleted_meanwhile,
    known_already,
    named_apart,
    offer_findings,
    place_findings,
    place_of,
)
from registry.people.rules import Role
from registry.pilots.rules import Part
from registry.pilots.schemas import SiteView

TODAY, LATER = date(2026, 11, 22), date(2027, 11, 22)


def a_site(code: str, name: str) -> SiteView:
    return SiteView(1, code, name, "municipality", "Region Test", Part.INTERVENTION, None, None)


SITES = (a_site("0101", "København"), a_site("0851", "Aalborg"), a_site("7", "Nørreskolen"), a_site("8", "Nørreskolen"))


def test_only_the_lead_sends_and_gathers_and_the_evaluator_looks() -> None:
    assert DELIVER.roles == GATHER.roles == {Role.PROJECT_LEAD}
    assert VIEW.roles == {Role.PROJECT_LEAD, Role.EVALUATOR}


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("0851", "0851"),
        (" aalborg ", "0851"),
        ("KØBENHAVN", "0101"),
        ("851", None),
        ("", None),
        ("Nørreskolen", None),
        ("8", "8"),
    ],
)
def test_an_authority_is_a_code_or_a_name_that_only_one_site_has(stated: str, code: str | None) -> None:
    place = place_of(stated, SITES)
    assert (place.code if place else None) == code


def codes(found: Sequence[object]) -> set[tuple[str, str]]:
    return {(one.where, one.code) for one in found}  # type: ignore[attr-defined]


def test_files_without_an_authority_of_the_pilot_and_doubled_ones_are_named() -> None:
    stated = {"a": "0101", "b": "København", "c": "", "d": "Odense", "e": "0851"}
    found = list(place_findings(stated, SITES))
    assert codes(found) == {("b", "repeated_authority"), ("c", "no_authority"), ("d", "unknown_authority")}
    assert "a" in next(one for one in found if one.where == "b").text()


def test_what_is_wrong_before_any_file_is_read_is_found_at_once() -> None:
    sizes = [("010190-1234.moments", 5), ("empty.moments", 0), ("large.moments", LARGEST_FILE + 1)]
    found = offer_findings("Evaluation", "010190-1234", sizes * 4, TODAY, TODAY)
    assert codes(found) == {
        ("legal_basis", "cpr_like"),
        ("retain_until", "in_the_past"),
        ("files", "cpr_like"),
        ("files", "empty_file"),
        ("files", "too_large"),
        ("files", "too_large_together"),
    }
    assert not any("010190" in one.text() for one in found)


def test_a_sound_offer_has_no_findings() -> None:
    assert offer_findings("Evaluation", "The law", [("0101.moments", 5)], LATER, TODAY) == []


def test_files_of_one_name_are_told_apart() -> None:
    assert named_apart(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]


def test_remarks_name_the_file_or_the_authority() -> None:
    assert "a.moments" in cpr("a.moments").text()
    assert known_already("a.moments").severity == "warning"
    assert "Aalborg" in deleted_meanwhile("Aalborg").text()
