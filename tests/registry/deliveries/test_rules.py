"""Which authority a file is of, and what is wrong with files before and after they are read."""

from collections.abc import Sequence
from datetime import date

import pytest

from registry.deliveries.rules import (
    DELIVER,
    GATHER,
    LARGEST_FILE,
    LARGEST_SENDING,
    MOST_FILES,
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


def offered(files: Sequence[tuple[str, int]], until: date = LATER, **stated: str) -> list[str]:
    """The codes of what is wrong with an offer, in their order."""
    purpose, basis = stated.get("purpose", "Evaluation"), stated.get("legal_basis", "The law")
    return [one.code for one in offer_findings(purpose, basis, files, until, TODAY)]


@pytest.mark.parametrize(
    ("size", "wrong"),
    [
        (0, ["empty_file"]),
        (1, []),
        (LARGEST_FILE, []),
        (LARGEST_FILE + 1, ["too_large"]),
    ],
)
def test_a_file_has_a_byte_at_least_and_sixteen_megabytes_at_most(size: int, wrong: list[str]) -> None:
    assert offered([("0101.moments", size)]) == wrong


def test_files_that_fit_one_by_one_may_be_too_many_together() -> None:
    """Told once, however many there are, and never of a sending that just fits."""
    fitting = LARGEST_SENDING // LARGEST_FILE
    files = [(f"{place}.moments", LARGEST_FILE) for place in range(fitting)]
    assert offered(files) == []
    assert offered([*files, ("more.moments", 1)]) == ["too_large_together"]
    assert offered(files * 3) == ["too_large_together"]


def test_the_largest_sending_holds_several_of_the_largest_files() -> None:
    assert LARGEST_SENDING >= 2 * LARGEST_FILE
    assert MOST_FILES >= 98, "every municipality of the country may take part"


@pytest.mark.parametrize(
    ("until", "wrong"),
    [
        (date(2026, 11, 21), ["in_the_past"]),
        (TODAY, ["in_the_past"]),
        (date(2026, 11, 23), []),
        (date(2056, 12, 31), []),
        (date(2057, 1, 1), ["too_far"]),
    ],
)
def test_moments_are_kept_as_long_as_rows_may_be(until: date, wrong: list[str]) -> None:
    assert offered([("0101.moments", 5)], until) == wrong


@pytest.mark.parametrize("named", ["010190-1234.moments", "0101901234", "kopi af 010190 1234 (2).moments"])
def test_a_file_named_after_somebody_is_refused_for_its_name_alone(named: str) -> None:
    """Whatever else is wrong with it: a size beside the name would tell more than is needed."""
    for size in (0, 5, LARGEST_FILE + 1):
        (found,) = offer_findings("Evaluation", "The law", [(named, size)], LATER, TODAY)
        assert (found.code, found.where, found.severity) == ("cpr_like", "files", "error")
        assert "010190" not in f"{found.text()}{found.remedy}"


@pytest.mark.parametrize("name", ["0101.moments", "2026-11-22.moments", "pilot-7_0851.moments", "Aarhus æøå.moments"])
def test_ordinary_names_of_files_are_nobodys_number(name: str) -> None:
    assert offered([(name, 5)]) == []


@pytest.mark.parametrize("where", ["purpose", "legal_basis"])
def test_a_number_in_the_statement_is_named_by_its_field(where: str) -> None:
    stated = {"purpose": "Evaluation", "legal_basis": "The law", where: "About 010190-1234"}
    (found,) = offer_findings(stated["purpose"], stated["legal_basis"], [("a", 5)], LATER, TODAY)
    assert (found.where, found.code) == (where, "cpr_like")


def test_findings_of_files_come_in_the_order_of_the_files() -> None:
    sizes = [("b.moments", 0), ("a.moments", LARGEST_FILE + 1), ("c.moments", 0)]
    found = offer_findings("Evaluation", "The law", sizes, LATER, TODAY)
    assert [one.params["file"] for one in found] == ["b.moments", "a.moments", "c.moments"]


@pytest.mark.parametrize(
    ("names", "apart"),
    [
        ([], []),
        (["a"], ["a"]),
        (["a", "b"], ["a", "b"]),
        (["a", "a", "b", "b"], ["a", "a (2)", "b", "b (2)"]),
        (["A", "a"], ["A", "a"]),
        (["b", "a", "b", "a", "b"], ["b", "a", "b (2)", "a (2)", "b (3)"]),
    ],
)
def test_a_name_alone_is_left_as_it_is_and_a_second_one_is_numbered(names: list[str], apart: list[str]) -> None:
    assert named_apart(names) == apart


@pytest.mark.parametrize("stated", ["Aalborg", "AALBORG", "aalborg", "  Aalborg\t", "0851", "0851 "])
def test_an_authority_is_the_same_however_its_name_is_spaced_and_cased(stated: str) -> None:
    place = place_of(stated, SITES)
    assert place is not None and place.code == "0851"


def test_a_code_goes_before_a_name() -> None:
    """A school that is called after the number of another one is not that other one."""
    sites = (a_site("7", "8"), a_site("8", "Skolen"))
    place = place_of("8", sites)
    assert place is not None and place.name == "Skolen"


def test_inner_spaces_of_a_name_count_once() -> None:
    sites = (a_site("1", "Ny Skole"),)
    assert place_of("ny   skole", sites) is not None
    assert place_of("nyskole", sites) is None


def test_nobody_takes_part_in_a_pilot_without_sites() -> None:
    assert place_of("0101", ()) is None
    found = list(place_findings({"a": "0101", "b": " "}, ()))
    assert codes(found) == {("a", "unknown_authority"), ("b", "no_authority")}


def test_every_file_of_one_authority_names_the_first_of_them() -> None:
    found = list(place_findings({"first": "0851", "second": "Aalborg", "third": "AALBORG"}, SITES))
    assert [(one.where, one.code) for one in found] == [(one, "repeated_authority") for one in ("second", "third")]
    for one in found:
        assert one.params["earlier"] == "first" and one.params["authority"] == "Aalborg"


def test_files_of_different_authorities_have_nothing_wrong() -> None:
    assert list(place_findings({"a": "0101", "b": "0851", "c": "7", "d": "8"}, SITES)) == []


def test_a_strange_authority_is_repeated_in_part_only() -> None:
    (found,) = place_findings({"a": "x" * 5_000}, SITES)
    assert found.code == "unknown_authority" and len(found.text()) < 200


def test_a_remark_is_no_error_and_errors_say_what_to_do() -> None:
    errors = [
        cpr("a"),
        deleted_meanwhile("Aalborg"),
        *place_findings({"a": "", "b": "Odense", "c": "0101", "d": "0101"}, SITES),
        *offer_findings("Evaluation", "The law", [("a", 0), ("b", LARGEST_FILE + 1)], TODAY, TODAY),
    ]
    assert {one.severity for one in errors} == {"error"}
    assert all(str(one.remedy) for one in errors)
    assert known_already("a").severity == "warning"
