from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.codes import Role
from effects.errors import Finding
from effects.planning.reading import LARGEST_COUNT, TableReader

Read = Callable[[TableReader], object]


def read(table: dict[str, object], ask: Read) -> tuple[object, list[Finding]]:
    findings: list[Finding] = []
    return ask(TableReader(table, "top", findings)), findings


def codes_of(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.where, finding.code) for finding in findings]


@pytest.mark.parametrize(
    ("value", "ask", "expected"),
    [
        ("text", lambda reader: reader.text("k"), "text"),
        (3, lambda reader: reader.number("k"), 3.0),
        (0.5, lambda reader: reader.number("k"), 0.5),
        (7, lambda reader: reader.count("k", least=1), 7),
        ("primary", lambda reader: reader.code("k", Role), Role.PRIMARY),
        (["primary", "guardrail"], lambda reader: reader.codes("k", Role), (Role.PRIMARY, Role.GUARDRAIL)),
        (["a", "b"], lambda reader: reader.texts("k"), ("a", "b")),
        (2005, lambda reader: reader.moment("k"), 2005),
        (20.5, lambda reader: reader.moment("k"), 20.5),
        ("2016-05", lambda reader: reader.moment("k"), "2016-05"),
        (date(2016, 5, 12), lambda reader: reader.moment("k"), "2016-05-12"),
    ],
)
def test_a_value_of_the_right_kind_is_read(value: object, ask: Read, expected: object) -> None:
    assert read({"k": value}, ask) == (expected, [])


@pytest.mark.parametrize(
    ("value", "ask", "code"),
    [
        (3, lambda reader: reader.text("k"), "not_text"),
        (" ", lambda reader: reader.text("k"), "not_text"),
        ("a\x00", lambda reader: reader.text("k"), "not_text"),
        ("\ud800", lambda reader: reader.text("k"), "not_text"),
        ("3", lambda reader: reader.number("k"), "not_a_number"),
        (True, lambda reader: reader.number("k"), "not_a_number"),
        (float("nan"), lambda reader: reader.number("k"), "not_a_number"),
        (10**400, lambda reader: reader.number("k"), "not_a_number"),
        (0, lambda reader: reader.count("k", least=1), "not_a_count"),
        (9, lambda reader: reader.count("k", least=1, most=8), "not_a_count"),
        (1.0, lambda reader: reader.count("k", least=1), "not_a_count"),
        ("Primary", lambda reader: reader.code("k", Role), "unknown_code"),
        (["a", 1], lambda reader: reader.texts("k"), "not_texts"),
        (["a", "a"], lambda reader: reader.texts("k"), "not_a_list"),
        ([], lambda reader: reader.texts("k"), "not_a_list"),
        ("a", lambda reader: reader.texts("k"), "not_a_list"),
        ([], lambda reader: reader.moment("k"), "not_a_number"),
        ("x", lambda reader: reader.table("k"), "not_a_table"),
        ({"a": 1}, lambda reader: reader.tables("k"), "not_tables"),
        ([1], lambda reader: reader.tables("k"), "not_tables"),
    ],
)
def test_a_value_of_the_wrong_kind_is_a_finding_at_its_place(value: object, ask: Read, code: str) -> None:
    _, findings = read({"k": value}, ask)
    assert codes_of(findings) == [("top.k", code)]
    assert findings[0].text()


@pytest.mark.parametrize(
    "ask",
    [
        lambda reader: reader.text("k"),
        lambda reader: reader.number("k"),
        lambda reader: reader.count("k", least=0),
        lambda reader: reader.code("k", Role),
        lambda reader: reader.moment("k"),
    ],
)
def test_silence_is_none_and_no_finding(ask: Read) -> None:
    assert read({}, ask) == (None, [])


def test_a_required_key_that_is_missing_is_a_finding() -> None:
    _, findings = read({}, lambda reader: reader.text("k", required=True))
    assert codes_of(findings) == [("top.k", "missing_key")]


def test_each_wrong_code_of_a_list_is_named_by_its_place() -> None:
    found, findings = read({"k": ["primary", "x", "y"]}, lambda reader: reader.codes("k", Role))
    assert found == (Role.PRIMARY,)
    assert codes_of(findings) == [("top.k[1]", "unknown_code"), ("top.k[2]", "unknown_code")]


def test_a_key_that_nobody_asked_for_is_unknown_and_the_nearest_is_offered() -> None:
    def ask(reader: TableReader) -> None:
        reader.text("margin")
        reader.close()

    _, findings = read({"margn": "a", "zzz": 1}, ask)
    assert codes_of(findings) == [("top.margn", "unknown_key"), ("top.zzz", "unknown_key")]
    assert "Did you mean margin?" in findings[0].text()
    assert "Known keys are: margin." in findings[1].text()


def test_nested_tables_know_their_path() -> None:
    def ask(reader: TableReader) -> None:
        reader.table("a").text("b", required=True)
        for inner in reader.tables("c"):
            inner.close()

    _, findings = read({"a": {}, "c": [{}, {"d": 1}]}, ask)
    assert codes_of(findings) == [("top.a.b", "missing_key"), ("top.c[1].d", "unknown_key")]


def test_the_keys_of_a_table_are_known_in_their_order() -> None:
    assert read({"b": 1, "a": 2}, lambda reader: reader.stated()) == (["b", "a"], [])


def test_at_the_top_a_path_is_the_key_alone() -> None:
    assert TableReader({}, "", []).at("title") == "title"


ASKS: dict[str, Read] = {
    "text": lambda reader: reader.text("k"),
    "number": lambda reader: reader.number("k"),
    "count": lambda reader: reader.count("k", least=0),
    "moment": lambda reader: reader.moment("k"),
    "code": lambda reader: reader.code("k", Role),
    "codes": lambda reader: reader.codes("k", Role),
    "texts": lambda reader: reader.texts("k"),
    "tables": lambda reader: reader.tables("k"),
}
ANYTHING = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.sampled_from(["primary", "guardrail"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
@given(value=ANYTHING)
def test_any_value_is_read_whole_or_found_wrong_at_its_place(ask: Read, value: object) -> None:
    found, findings = read({"k": value}, ask)
    if findings:
        assert {finding.where.partition("[")[0] for finding in findings} == {"top.k"}
        assert all(finding.text() for finding in findings)
    else:
        assert found is not None
        assert found != () or value == []


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**15), 10**15))
def test_every_finite_number_is_kept_as_it_is(value: float) -> None:
    assert read({"k": value}, ASKS["number"]) == (value, [])


@pytest.mark.parametrize(("value", "taken"), [(LARGEST_COUNT, True), (LARGEST_COUNT + 1, False), (-1, False)])
def test_a_count_fits_the_machine(value: int, taken: bool) -> None:
    found, findings = read({"k": value}, ASKS["count"])
    assert (found == value, findings == []) == (taken, taken)


@pytest.mark.parametrize("stated", [["primary"], ("primary",)])
def test_a_list_may_come_as_any_sequence(stated: object) -> None:
    assert read({"k": stated}, ASKS["codes"]) == ((Role.PRIMARY,), [])


def test_a_table_that_is_none_is_read_as_an_empty_one_and_told_once() -> None:
    def ask(reader: TableReader) -> object:
        inner = reader.table("k")
        inner.close()
        return inner.stated()

    assert read({"k": 3}, ask)[0] == []
    assert codes_of(read({"k": 3}, ask)[1]) == [("top.k", "not_a_table")]


def test_a_key_of_a_table_that_is_no_text_is_still_named() -> None:
    def ask(reader: TableReader) -> None:
        reader.table("k").close()

    assert codes_of(read({"k": {7: "a"}}, ask)[1]) == [("top.k.7", "unknown_key")]


def test_a_long_value_is_told_in_its_first_letters() -> None:
    (finding,) = read({"k": "x" * 900}, ASKS["code"])[1]
    assert finding.params["value"] == "x" * 80
    assert finding.params["allowed"] == "primary, secondary, guardrail"


@pytest.mark.parametrize("required", [True, False])
def test_a_key_that_was_asked_for_is_known_whatever_it_holds(required: bool) -> None:
    def ask(reader: TableReader) -> None:
        reader.text("k", required=required)
        reader.close()

    assert codes_of(read({"k": 3}, ask)[1]) == [("top.k", "not_text")]
