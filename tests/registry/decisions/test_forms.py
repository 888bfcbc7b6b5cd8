from registry.decisions.forms import condition_rows

EMPTY = {"text": "", "owner": "", "due": ""}


def test_a_new_form_has_empty_rows() -> None:
    assert condition_rows({}) == [EMPTY] * 3


def test_what_was_typed_comes_back_without_the_empty_rows_between() -> None:
    typed = {
        "conditions.text": ["Safe", "", "Cheap"],
        "conditions.owner": ["Region", "", ""],
        "conditions.due": ["1-1-2027", "", "never"],
    }
    assert condition_rows(typed) == [
        {"text": "Safe", "owner": "Region", "due": "1-1-2027"},
        {"text": "Cheap", "owner": "", "due": "never"},
        EMPTY,
    ]


def test_there_is_always_a_spare_row() -> None:
    typed = {"conditions.text": ["a", "b", "c", "d"], "conditions.owner": [""] * 4, "conditions.due": [""] * 4}
    assert [row["text"] for row in condition_rows(typed)] == ["a", "b", "c", "d", ""]


def test_a_single_row_comes_as_single_values() -> None:
    typed = {"conditions.text": "Safe", "conditions.owner": "Region", "conditions.due": ""}
    assert condition_rows(typed)[0] == {"text": "Safe", "owner": "Region", "due": ""}
