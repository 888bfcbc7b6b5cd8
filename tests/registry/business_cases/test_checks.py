import pytest

from effects.economics.business_case import BusinessCase
from effects.errors import Finding
from registry.business_cases.checks import in_file, of_technology, of_version
from registry.business_cases.schemas import Stating
from registry.pilots.schemas import TechnologyView
from tests.registry.business_cases.story import TECHNOLOGY, a_case

ENOUGH = "The contract was made anew."


def codes(stating: Stating, newest: int) -> list[str]:
    return [one.code for one in of_version(stating, newest)]


def test_a_first_version_needs_no_reason() -> None:
    assert codes(Stating(), 0) == []


def test_a_later_version_says_why_and_which_one_it_follows() -> None:
    assert codes(Stating(after=2, reason=ENOUGH), 2) == []
    assert codes(Stating(after=2, reason="No"), 2) == ["no_reason"]
    assert codes(Stating(after=2, reason="New price"), 2) == []
    assert codes(Stating(after=1, reason=ENOUGH), 2) == ["not_the_newest"]
    assert codes(Stating(after=3), 2) == ["no_reason", "not_the_newest"]
    assert codes(Stating(after=1, reason=ENOUGH), 0) == ["not_the_newest"]


@pytest.mark.parametrize(
    ("technology", "found"),
    [
        (TECHNOLOGY, []),
        (TechnologyView(1, "CASE tool", "2"), []),
        (TechnologyView(1, "Case tool", "3"), ["other_technology"]),
        (TechnologyView(1, "Robot", "2"), ["other_technology"]),
    ],
)
def test_a_case_is_about_the_technology_of_its_page(technology: TechnologyView, found: list[str]) -> None:
    case = BusinessCase.from_toml(a_case())
    assert [one.code for one in of_technology(case, technology, "toml")] == found


def test_a_file_may_leave_the_major_version_out() -> None:
    case = BusinessCase.from_toml(a_case().replace('major_version = "2"', ""))
    assert list(of_technology(case, TECHNOLOGY, "toml")) == []
    assert list(of_technology(None, TECHNOLOGY, "toml")) == []


def test_a_finding_of_a_file_stands_at_the_field_with_its_place_in_the_file() -> None:
    found = in_file(Finding("line[2].kind", "missing_key", "Missing", column="kind"), "file")
    assert (found.where, found.column) == ("file", "line[2].kind")
    assert in_file(Finding("", "not_toml", "Wrong"), "toml").column is None
