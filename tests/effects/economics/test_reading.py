from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from effects.economics.reading import (
    complete,
    read_extension,
    read_factors,
    read_head,
    read_line,
    read_schema,
    read_unquantified,
    read_volume,
    written,
)
from effects.economics.stated import Line, Unquantified, Volume
from effects.economics.three_points import ThreePoints
from effects.errors import Finding
from effects.planning.reading import TableReader
from tests.effects.economics.cases import CITIZENS, HEAD, MINUTES

Reads = Callable[[TableReader, list[Finding]], Any]


def read(reads: Reads, table: dict[str, Any]) -> tuple[Any, list[str]]:
    findings: list[Finding] = []
    value = reads(TableReader(table, "here", findings), findings)
    return value, [f"{finding.where.removeprefix('here.')} {finding.code}" for finding in findings]


@pytest.mark.parametrize(
    "key", ["technology", "title", "currency", "perspective", "price_year", "start_year", "stated_on"]
)
def test_the_head_misses_what_every_case_states(key: str) -> None:
    value, codes = read(read_head, {name: value for name, value in HEAD.items() if name != key})
    assert codes == [f"{key} missing_key"]
    assert key not in value


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"horizon_years": 0}, "horizon_years not_a_count"),
        ({"horizon_years": 201}, "horizon_years not_a_count"),
        ({"price_year": 26}, "price_year not_a_count"),
        ({"discount_rate": 4}, "discount_rate not_a_share"),
        ({"discount_rate": "4 %"}, "discount_rate not_a_number"),
        ({"effect_correlation": -0.2}, "effect_correlation not_a_share"),
        ({"payers": ["kommune"]}, "payers[0] unknown_code"),
        ({"payers": []}, "payers not_a_list"),
        ({"stated_on": "soon"}, "stated_on not_a_day"),
        ({"stated_on": 2026}, "stated_on not_a_day"),
        ({"phase_in": []}, "phase_in not_a_phase_in"),
        ({"phase_in": 1.0}, "phase_in not_a_phase_in"),
        ({"phase_in": [0.5, 0.4]}, "phase_in not_a_phase_in"),
        ({"phase_in": [0.5, 1.1]}, "phase_in not_a_phase_in"),
        ({"phase_in": [-0.1, 1]}, "phase_in not_a_phase_in"),
        ({"phase_in": [0, 10**400]}, "phase_in not_a_phase_in"),
        ({"phase_in": [0.5, True]}, "phase_in not_a_phase_in"),
        ({"phase_in": [0.5, float("nan")]}, "phase_in not_a_phase_in"),
    ],
)
def test_a_head_that_cannot_be_meant_is_one_finding(changes: dict[str, Any], code: str) -> None:
    assert read(read_head, HEAD | changes)[1] == [code]


def test_without_a_stated_rate_the_day_must_have_one_in_force() -> None:
    table = {key: value for key, value in HEAD.items() if key != "discount_rate"}
    assert read(read_head, table | {"stated_on": "2013-05-30"})[1] == ["stated_on no_discount_rate"]
    assert read(read_head, table | {"stated_on": "2013-05-31"})[1] == []
    assert read(read_head, HEAD | {"stated_on": "1999-01-01"})[1] == []


def test_a_day_of_toml_is_kept_as_text() -> None:
    assert read(read_head, HEAD | {"stated_on": date(2026, 11, 1)})[0]["stated_on"] == "2026-11-01"


@pytest.mark.parametrize("day", ["20261101", "2026-W44-7"])
def test_a_day_in_another_iso_form_is_kept_in_the_usual_one(day: str) -> None:
    assert read(read_head, HEAD | {"stated_on": day})[0]["stated_on"] == "2026-11-01"


@pytest.mark.parametrize(
    ("figure", "points"),
    [
        ({"low": 1, "likely": 2, "high": 4}, ThreePoints(1, 2, 4)),
        ({"low": 2, "likely": 2, "high": 2}, ThreePoints(2, 2, 2)),
        ({"amount": 3}, ThreePoints(3, 3, 3)),
        ({"low": -4, "likely": -2, "high": 0}, ThreePoints(-4, -2, 0)),
    ],
)
def test_a_figure_is_three_points_or_exact(figure: dict[str, Any], points: ThreePoints) -> None:
    bare = {key: value for key, value in MINUTES.items() if key not in ("low", "likely", "high")}
    value, codes = read(read_line, bare | figure)
    assert (value["amount"], codes) == (points, [])


@pytest.mark.parametrize(
    "figure",
    [
        {"likely": 2},
        {"low": 1, "high": 3},
        {"low": 3, "likely": 2, "high": 4},
        {"low": 1, "likely": 5, "high": 4},
        {"amount": 2, "likely": 2},
        {"amount": 2, "low": 1, "likely": 2, "high": 3},
    ],
)
def test_half_a_figure_is_a_finding_and_never_filled_in(figure: dict[str, Any]) -> None:
    bare = {key: value for key, value in MINUTES.items() if key not in ("low", "likely", "high")}
    value, codes = read(read_line, bare | figure)
    assert codes == ["likely not_three_points"]
    assert "amount" not in value


@pytest.mark.parametrize("key", ["title", "kind", "payer", "timing", "scope"])
def test_a_line_misses_what_every_line_states(key: str) -> None:
    value, codes = read(read_line, {name: value for name, value in MINUTES.items() if name != key})
    assert codes == [f"{key} missing_key"]
    assert not complete(Line, value)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"high": 1e13}, "high too_large"),
        ({"multiplier": -1e13}, "multiplier too_large"),
        ({"status": "hoped"}, "status unknown_code"),
        ({"better": "up"}, "better unknown_code"),
        ({"volumen": "x"}, "volumen unknown_key"),
    ],
)
def test_a_line_that_cannot_be_meant_is_said(changes: dict[str, Any], code: str) -> None:
    assert code in read(read_line, MINUTES | changes)[1]


def test_a_complete_line_is_read_into_its_record() -> None:
    value, codes = read(read_line, MINUTES)
    assert codes == []
    assert complete(Line, value)
    assert Line(**value).multiplier == 0.5


def test_a_volume_by_place_keeps_each_count() -> None:
    value, codes = read(
        read_volume, {"name": "v", "title": "V", "by_place": {"0101": 3, "0151": 0}, "status": "agreed"}
    )
    assert (value["by_place"], codes) == ({"0101": 3.0, "0151": 0.0}, [])
    assert complete(Volume, value)


def test_a_negative_count_is_a_finding() -> None:
    assert read(read_volume, CITIZENS | {"by_place": {"0101": -3}})[1] == ["by_place.0101 negative"]


def test_an_unquantified_benefit_needs_a_title_alone() -> None:
    assert read(lambda reader, _: read_unquantified(reader), {"title": "Calm"}) == ({"title": "Calm"}, [])
    assert read(lambda reader, _: read_unquantified(reader), {})[1] == ["title missing_key"]


def test_an_extension_is_none_unless_something_is_stated() -> None:
    assert read(read_extension, {}) == (None, [])
    value, codes = read(read_extension, {"standard_error": {"minutes": 0.5}})
    assert (value.standard_error, value.cost, codes) == ({"minutes": 0.5}, None, [])
    assert read(read_extension, {"cost": -1})[1] == ["cost negative"]


def test_factors_for_optimism_are_read_by_kind() -> None:
    assert read(read_factors, {"a": 0.5, "b": 1.2}) == ({"a": 0.5, "b": 1.2}, [])
    assert read(read_factors, {"a": -1, "b": "x"}) == ({}, ["a negative", "b not_a_number"])


def test_the_schema_must_be_the_expected_one() -> None:
    assert read(lambda reader, findings: read_schema(reader, "x/1", findings), {"schema": "x/1"})[1] == []
    assert read(lambda reader, findings: read_schema(reader, "x/1", findings), {"schema": "x/2"})[1] == [
        "schema unknown_schema"
    ]


def test_a_record_is_written_without_what_is_not_known() -> None:
    assert written(Unquantified("Calm", unit="points")) == {"title": "Calm", "unit": "points"}
    assert written(Volume("v", "V", ThreePoints(1, 2, 3))) == {
        "name": "v",
        "title": "V",
        "low": 1,
        "likely": 2,
        "high": 3,
    }
