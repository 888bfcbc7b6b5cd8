"""Findings in the words of the form."""

import pytest

from effects.economics.business_case import BusinessCase, BusinessCaseError
from effects.errors import Finding
from registry.business_cases.forms import placed, stated
from registry.business_cases.wording import in_form
from registry.kit.language import translate
from tests.registry.business_cases.story import TECHNOLOGY
from tests.registry.business_cases.test_forms import a_case_form, a_line


def said(**changes: object) -> dict[str, str]:
    """What the form with these changes is told, by field."""
    tables, found = stated(a_case_form(**changes), TECHNOLOGY)
    with pytest.raises(BusinessCaseError) as caught:
        BusinessCase.from_mapping(tables)
    return {one.where: translate(one, "en") for one in [*found, *placed(caught.value.findings)]}


def test_a_row_is_named_by_its_number_and_an_empty_field_is_to_be_filled_in() -> None:
    told = said(lines=[a_line(), a_line(title="Licences", kind=None, status=None)])
    assert told["form.lines.1.kind"] == "Line 2: This is not filled in. Fill it in."
    told = said(lines=[a_line(), a_line(title="Licences", status=None)])
    assert told["form.lines.1.status"] == "Line 2: This is not filled in. Choose what the figure rests on."
    assert said(title="")["form.title"] == "This is not filled in. Fill it in."


def test_figures_are_spoken_of_as_the_form_asks_for_them() -> None:
    told = said(lines=[a_line(low=300.0)], phase_in="70; 30")
    assert told["form.lines.0.likely"].endswith("Fill in all three, or only the likely one where the figure is exact.")
    assert told["form.phase_in"].endswith("Write them like 30; 70; 100.")
    assert "percentage from 0 to 100" in said(discount_rate=150.0)["form.discount_rate"]
    assert "from 1 to 200" in said(horizon_years=900)["form.horizon_years"]


def test_a_unit_that_is_nowhere_is_looked_for_in_the_form() -> None:
    told = said(lines=[a_line(scope="per_unit", volume="visits")])["form.lines.0.volume"]
    assert told.startswith("Line 1: Nothing under How many there are has the short name visits.")


def test_without_a_line_no_row_is_named() -> None:
    told = said(lines=[])["form.lines.0.title"]
    assert told == "No cost and no benefit is stated. Fill in at least one line."


def test_a_kind_of_benefit_is_named_in_words_in_both_languages() -> None:
    found = in_form(Finding("form.optimism.working_time", "unused_factor", "", params={"kind": "working_time"}))
    assert translate(found, "en").startswith("No benefit is of the kind Working time.")
    assert "Arbejdstid" in translate(found, "da")


@pytest.mark.parametrize("code", ["repeated_name", "of_tomorrow"])
def test_what_holds_for_a_form_word_by_word_stays_as_it_is(code: str) -> None:
    found = in_form(Finding("form.title", code, "{name} is stated twice.", "Rename it.", {"name": "A"}, column="x"))
    assert (found.text(), found.column) == ("A is stated twice. Rename it.", None)


def test_no_finding_speaks_of_the_file() -> None:
    """Whatever is wrong at once: no key, no bracket, no equals sign."""
    lines = [a_line(scope="per_unit", low=3.0), a_line(indicator="x", kind="cost", likely=1e15, volume="y")]
    told = said(lines=lines, price_year=3, phase_in="90; 20", stated_on=None, title="", horizon_years=None)
    assert len(told) >= 6
    assert not [text for text in told.values() if any(mark in text for mark in ("[", "=", "_", "amount."))]
