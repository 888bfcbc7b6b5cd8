"""Every place in which two values differ, by its path."""

import pytest

from effects.bundle.differences import ABSENT, Difference, differences, same, shown, unusable


def found(stated: object, recomputed: object, tolerance: float = 0.0) -> list[tuple[str, str, str]]:
    each = differences("a.json", stated, recomputed, source="b.json", tolerance=tolerance)
    return [(one.where, one.stated, one.recomputed) for one in each]


@pytest.mark.parametrize(
    ("stated", "recomputed", "expected"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, [("$.a[1].b", "2", "3")]),
        ({"a": 1}, {}, [("$.a", "1", ABSENT)]),
        ({}, {"a": None}, [("$.a", ABSENT, "null")]),
        ([1, 2, 3], [1, 4], [("$", "3 entries", "2 entries"), ("$[1]", "2", "4")]),
        ({"a": "x"}, {"a": ["x"]}, [("$.a", '"x"', '["x"]')]),
        ({"a": 0.1}, {"a": 0.1}, []),
    ],
)
def test_places_are_json_paths(stated: object, recomputed: object, expected: list[tuple[str, str, str]]) -> None:
    assert found(stated, recomputed) == expected


def test_numbers_may_differ_by_the_tolerance_alone() -> None:
    assert found([1.0], [1.0 + 1e-12]) == [("$[0]", "1.0", "1.000000000001")]
    assert found([1.0], [1.0 + 1e-12], 1e-9) == []
    assert found([1.0], [1.0 + 1e-6], 1e-9) != []
    assert found(["1"], [1], 1e-9) != []


def test_true_is_no_number() -> None:
    assert not same(True, 1.0000000001, 1e-3)
    assert same(2, 2.0, 0.0)


def test_a_line_names_file_place_and_both_values() -> None:
    finding = Difference("a.json", "$.x", "1", "2", "b.toml").finding()
    assert (finding.where, finding.text()) == ("a.json $.x", "It states 1; b.toml gives 2.")


def test_a_file_that_cannot_be_used_is_told_in_sentences() -> None:
    finding = unusable("case.toml", "indicator[0].low: The estimate lies outside its interval.", "grade.json").finding()
    assert finding.where == "case.toml $"
    assert finding.text() == (
        "grade.json cannot be checked against it. indicator[0].low: The estimate lies outside its interval."
    )


def test_a_long_value_is_shortened() -> None:
    assert len(shown("x" * 10_000)) < 130
    assert shown(None) == "null"
