"""The form of a business case there and back again."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.inspect import FloatType

from effects.economics.business_case import BusinessCase
from effects.economics.codes import LineKind, Payer, Scope, Status, Timing
from effects.errors import Finding
from registry.business_cases.forms import factor, placed, rows, shows, stated, typed
from registry.business_cases.rules import BenefitKind
from registry.business_cases.schemas import CaseForm, Factors, KeptRow, LineRow, VolumeRow
from registry.kit.fields import Reading
from tests.registry.business_cases.story import TECHNOLOGY, a_case

BY_PLACE = """
[[volume]]
name = "homes"
title = "Homes"
status = "measured"
by_place = { "0101" = 12.0 }
"""


def a_line(**changes: Any) -> LineRow:
    """A line whose figure is exact."""
    given: dict[str, Any] = {
        "title": "Hours saved",
        "kind": LineKind.BENEFIT,
        "payer": Payer.MUNICIPALITY,
        "timing": Timing.YEARLY,
        "scope": Scope.PLACE,
        "likely": 600.0,
        "status": Status.AGREED,
        "benefit_kind": BenefitKind.WORKING_TIME,
    }
    return LineRow(**{**given, **changes})


def a_case_form(**changes: Any) -> CaseForm:
    """A form with one line."""
    given: dict[str, Any] = {
        "title": "Digital case investigation",
        "currency": "DKK",
        "perspective": "The municipalities",
        "price_year": 2026,
        "start_year": 2027,
        "horizon_years": 5,
        "lines": [a_line()],
    }
    return CaseForm(**{**given, **changes})


def the_tables(**changes: Any) -> dict[str, Any]:
    tables, found = stated(a_case_form(**changes), TECHNOLOGY)
    assert found == []
    return tables


def test_the_form_states_the_technology_of_the_page() -> None:
    head = the_tables()["business_case"]
    assert (head["technology"], head["major_version"], head["price_year"]) == ("Case tool", "2", 2026)
    assert "discount_rate" not in head
    assert "phase_in" not in head


def test_a_likely_figure_alone_is_exact_and_three_are_three_points() -> None:
    (exact,) = the_tables()["line"]
    assert (exact["amount"], "likely" in exact) == (600.0, False)
    (uncertain,) = the_tables(lines=[a_line(low=300.0, high=900.0)])["line"]
    assert [uncertain[name] for name in ("low", "likely", "high")] == [300.0, 600.0, 900.0]
    (half,) = the_tables(lines=[a_line(low=300.0)])["line"]
    assert (half["low"], half["likely"]) == (300.0, 600.0)


@pytest.mark.parametrize(
    ("typed_in", "shares"),
    [
        ("30; 70; 100", [0.3, 0.7, 1.0]),
        ("30 70 100", [0.3, 0.7, 1.0]),
        ("30 %;70 %;100%", [0.3, 0.7, 1.0]),
        ("12,5;100", [0.125, 1.0]),
    ],
)
def test_percentages_year_by_year_become_shares(typed_in: str, shares: list[float]) -> None:
    assert the_tables(phase_in=typed_in)["business_case"]["phase_in"] == shares


@pytest.mark.parametrize("typed_in", ["soon", "30; -70", "30, 70", "1000"])
def test_what_is_no_percentage_is_said_at_its_field(typed_in: str) -> None:
    _, found = stated(a_case_form(phase_in=typed_in), TECHNOLOGY)
    assert [(one.where, one.code) for one in found] == [("form.phase_in", "not_percentages")]


def test_a_rate_in_percent_becomes_a_share() -> None:
    assert the_tables(discount_rate=3.5)["business_case"]["discount_rate"] == 0.035


def test_only_the_factors_of_kinds_that_a_line_has_are_stated() -> None:
    factors = Factors(working_time=0.8, economy=0.5)
    assert the_tables(optimism=factors)["optimism"] == {"working_time": 0.8}
    assert the_tables(optimism=factors, lines=[a_line(benefit_kind=None)])["optimism"] == {}


def test_findings_come_to_the_fields_of_the_form() -> None:
    wheres = {
        "business_case.price_year": "form.price_year",
        "line[3].status": "form.lines.3.status",
        "line[0].amount": "form.lines.0.likely",
        "volume[1].by_place": "form.volumes.1.likely",
        "unquantified[0].title": "form.unquantified.0.title",
        "optimism.safety": "form.optimism.safety",
        "line": "form.lines.0.title",
    }
    found = placed(Finding(where, "code", "A message", column="status") for where in wheres)
    assert [one.where for one in found] == list(wheres.values())
    assert {one.column for one in found} == {None}


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_case_comes_back_from_its_form_as_it_was(language: Any) -> None:
    case = BusinessCase.from_toml(a_case())
    values = typed(case, language)
    assert values["form.lines.likely"] == ["100000", "600"]
    assert values["form.lines.low"] == ["", "300"]
    assert values["form.optimism.working_time"] == ("0,8" if language == "da" else "0.8")
    listed = rows(values)

    def number(text: str) -> float | None:
        return float(text.replace(",", ".")) if text else None

    def read(kind: Any, row: dict[str, str]) -> Any:
        fields = {name: number(cell) if name in NUMBERS else cell or None for name, cell in row.items()}
        return kind(**{name: cell for name, cell in fields.items() if cell is not None})

    again, _ = stated(
        CaseForm(
            title=values["form.title"],
            currency=values["form.currency"],
            perspective=values["form.perspective"],
            price_year=values["form.price_year"],
            start_year=values["form.start_year"],
            horizon_years=values["form.horizon_years"],
            payers=tuple(values["form.payers"]),
            phase_in=values["form.phase_in"],
            optimism=Factors(working_time=number(values["form.optimism.working_time"])),
            volumes=[read(VolumeRow, row) for row in listed["volumes"] if any(row.values())],
            lines=[read(LineRow, row) for row in listed["lines"] if any(row.values())],
            unquantified=[read(KeptRow, row) for row in listed["unquantified"] if any(row.values())],
        ),
        TECHNOLOGY,
    )
    again["business_case"]["stated_on"] = case.stated_on
    assert BusinessCase.from_mapping(again) == case


@given(
    points=st.lists(st.floats(0, 1e12, allow_subnormal=False), min_size=3, max_size=3).map(sorted),
    language=st.sampled_from(["da", "en"]),
)
def test_the_form_reads_back_the_figures_that_it_shows(points: list[float], language: Any) -> None:
    tables = tomllib.loads(a_case())
    tables["line"][1] |= dict(zip(("low", "likely", "high"), points, strict=True), status="agreed")
    case = BusinessCase.from_mapping(tables)
    row = rows(typed(case, language))["lines"][1]
    reading = Reading("form", language)
    shown = {name: row[name] for name in ("low", "likely", "high")}
    again = {name: reading.value(text, FloatType(), name) for name, text in shown.items() if text}
    assert reading.findings == []
    if points[0] == points[2]:
        assert again == {"likely": points[1]}
    else:
        assert list(again.values()) == points


@given(st.lists(st.integers(0, 100), min_size=1, max_size=8).map(sorted), st.sampled_from(["; ", " ", ";", " % "]))
def test_shares_come_back_as_the_percentages_they_were(percent: list[int], mark: str) -> None:
    shares = the_tables(phase_in=mark.join(map(str, percent)))["business_case"]["phase_in"]
    tables = tomllib.loads(a_case())
    tables["business_case"]["phase_in"] = shares
    again = typed(BusinessCase.from_mapping(tables), "en")["form.phase_in"]
    assert [float(part) for part in again.split("; ")] == percent


@given(st.text(max_size=40))
def test_whatever_stands_in_the_phase_in_is_read_or_said(typed_in: str) -> None:
    tables, found = stated(a_case_form(phase_in=typed_in), TECHNOLOGY)
    shares = tables["business_case"].get("phase_in", [])
    assert bool(found) <= (shares == [])
    assert all(isinstance(share, float) for share in shares)


@given(st.text(max_size=60))
def test_every_place_of_a_finding_becomes_a_field_of_the_form(where: str) -> None:
    (found,) = placed([Finding(where, "code", "A message")])
    assert found.where.startswith(("form.", "optimism."))


NUMBERS = {"low", "likely", "high", "multiplier"}


def test_the_form_knows_what_it_has_no_field_for() -> None:
    assert shows(BusinessCase.from_toml(a_case()))
    assert not shows(BusinessCase.from_toml(a_case(more=BY_PLACE)))
    assert not shows(BusinessCase.from_toml(a_case(more="[extension]\ncost = 5.0\n")))
    other = tomllib.loads(a_case())
    other["line"][1]["benefit_kind"] = other_kind = "goodwill"
    other["optimism"] = {other_kind: 0.5}
    assert not shows(BusinessCase.from_mapping(other))


def test_a_new_form_has_empty_rows_and_more_when_asked_for() -> None:
    fresh = rows({})
    assert {name: len(listed) for name, listed in fresh.items()} == {"lines": 2, "volumes": 1, "unquantified": 1}
    assert not any(any(row.values()) for listed in fresh.values() for row in listed)
    assert {len(listed) for listed in rows({}, more=True).values()} == {5}


def test_typed_rows_come_back_without_the_empty_ones_between() -> None:
    values = {"form.lines.title": ["A", "", "B"], "form.lines.likely": ["1", "", "many"]}
    assert [(row["title"], row["likely"]) for row in rows(values)["lines"]] == [
        ("A", "1"),
        ("B", "many"),
        ("", ""),
        ("", ""),
    ]
    assert rows({"form.volumes.name": "homes"})["volumes"][0]["name"] == "homes"


@pytest.mark.parametrize(
    ("asked", "written"), [("0.62", "0,62"), ("1", "1"), ("0.123456", ""), ("-1", ""), ("٣", ""), ("x", "")]
)
def test_a_factor_of_an_address_is_taken_only_when_it_is_one(asked: str, written: str) -> None:
    assert factor(asked, "da") == written
