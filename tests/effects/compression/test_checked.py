import math

import pytest

from effects.compression.checked import Unsound, Value

FILE = Value({"rows": 3, "name": "a", "list": [1.5, 2], "flag": True, "pair": [0, 4], "none": None})


def test_each_value_is_read_as_what_it_is() -> None:
    assert FILE.at("rows").count() == 3
    assert FILE.at("name").text(["a", "b"]) == "a"
    assert FILE.at("list").numbers(2).tolist() == [1.5, 2.0]
    assert FILE.at("flag").flag() is True
    assert FILE.at("pair").pair() == (0, 4)
    assert FILE.at("none").count_if_any() is None
    assert Value(["x", "y"]).texts(distinct=True) == ("x", "y")
    assert Value([3, 4]).counts(2).tolist() == [3, 4]


def test_the_place_of_what_is_wrong_is_told() -> None:
    with pytest.raises(Unsound, match=r"^file\.list\[0\]$"):
        FILE.at("list").counts()
    with pytest.raises(Unsound, match=r"^file\.gone$"):
        FILE.at("gone")
    with pytest.raises(Unsound, match=r"^file\.rows\.deeper$"):
        FILE.at("rows").at("deeper")


@pytest.mark.parametrize("wrong", [None, "3", True, -1, 2**63, 1.0, [], {}])
def test_what_is_no_count_is_refused(wrong: object) -> None:
    with pytest.raises(Unsound):
        Value(wrong).count()


@pytest.mark.parametrize("wrong", [None, "3", True, math.nan, math.inf, 10**400, [1.0]])
def test_what_is_no_finite_number_is_refused(wrong: object) -> None:
    with pytest.raises(Unsound):
        Value(wrong).number()


def test_lists_of_another_length_or_with_repetitions_are_refused() -> None:
    with pytest.raises(Unsound):
        FILE.at("list").numbers(3)
    with pytest.raises(Unsound):
        Value(["a", "a"]).texts(distinct=True)
    with pytest.raises(Unsound):
        Value([-0.5]).numbers(least=0.0)


@pytest.mark.parametrize("wrong", [None, 1, "false", []])
def test_only_true_and_false_are_flags_and_only_texts_texts(wrong: object) -> None:
    with pytest.raises(Unsound):
        Value(wrong).flag()
    with pytest.raises(Unsound):
        Value(wrong).text(["true"])
