from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.errors import Finding
from effects.message import Message
from effects.terminal import as_lines, not_written, printable, refuse, said, speaking, write, wrong_output


def finding(row: int | None = None, message: str = "It is wrong.", where: str = "data.treated") -> Finding:
    return Finding(where, "c", message, "Mend it.", row=row)


def test_a_finding_is_one_line_with_its_place_and_its_remedy() -> None:
    assert as_lines([finding()]) == ["data.treated: It is wrong. Mend it."]
    assert as_lines([finding(3)]) == ["data.treated data row 3: It is wrong. Mend it."]


def test_findings_that_differ_in_the_row_alone_share_a_line() -> None:
    found = [finding(row) for row in (9, 1, 2, 3, 7)]
    assert as_lines(found) == ["data.treated data rows 1-3, 7, 9: It is wrong. Mend it."]


def test_another_place_or_another_message_is_another_line() -> None:
    found = [finding(1), finding(2, where="data.weight"), finding(3, message="It is odd."), finding(4)]
    assert [line.split(":")[0] for line in as_lines(found)] == [
        "data.treated data rows 1, 4",
        "data.weight data row 2",
        "data.treated data row 3",
    ]


def test_the_language_is_that_of_the_block_and_english_outside() -> None:
    with speaking(lambda sentence: "række 3" if isinstance(sentence, Message) else "Det er forkert."):
        assert as_lines([finding(3)]) == ["data.treated række 3: Det er forkert."]
    assert as_lines([finding(3)]) == ["data.treated data row 3: It is wrong. Mend it."]
    assert said(Message("{count} rows", {"count": 2})) == "2 rows"


def test_line_ends_in_a_name_do_not_break_the_line() -> None:
    (line,) = as_lines([Finding("a\nb.csv", "c", "{column} is\r\nwrong.", params={"column": "x\n\ny"})])
    assert line == "a b.csv: x y is wrong."


def test_what_steers_a_terminal_or_turns_letters_around_is_spelt_out() -> None:
    (line,) = as_lines(
        [Finding("a\u202e.moments", "c", "{name} is wrong.", params={"name": "x\x1b[31m\u200b\x9b\x07"})]
    )
    assert line == r"a\u202e.moments: x\x1b[31m\u200b\x9b\x07 is wrong."
    assert printable("Æblegård – 5 €, 東京") == "Æblegård – 5 €, 東京"


@given(st.text())
def test_a_line_never_holds_what_nobody_sees(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert printable(shown) == shown


@given(st.lists(st.integers(1, 60), min_size=1))
def test_a_line_names_exactly_the_rows_it_is_about(rows: list[int]) -> None:
    (line,) = as_lines([finding(row) for row in rows])
    spans = line.split(":")[0].removeprefix("data.treated data row").removeprefix("s").split(",")
    ends = [[int(end) for end in span.split("-")] for span in spans]
    assert {row for low, *high in ends for row in range(low, (high or [low])[0] + 1)} == set(rows)


def test_refusing_says_every_line_and_gives_the_status_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert refuse([finding(1), finding(where="schema")], 3) == 3
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "data.treated data row 1: It is wrong. Mend it.",
        "schema: It is wrong. Mend it.",
    ]
    assert said.out == ""


def test_a_result_is_written_whole_over_an_older_one(tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    for content in (b"older and longer", b"new"):
        write(content, out)
        assert out.read_bytes() == content
    assert list(tmp_path.iterdir()) == [out]


def test_a_result_without_a_file_goes_to_standard_output_byte_by_byte(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    write("æ\n".encode(), None)
    assert capfdbinary.readouterr().out == "æ\n".encode()


@pytest.mark.parametrize(
    ("error", "reason"),
    [(OSError(28, "No space left on device"), "No space left on device"), (MemoryError(), "MemoryError")],
)
def test_what_cannot_be_mended_is_said_in_words(error: OSError | MemoryError, reason: str) -> None:
    assert not_written(error).text() == f"The result could not be written: {reason}."


def test_a_folder_a_missing_folder_and_the_input_itself_take_no_result(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("a\n")
    (tmp_path / "link.csv").symlink_to(rows)
    outs = (tmp_path, tmp_path / "none" / "r.json", rows, tmp_path / "link.csv")
    codes = [finding.code for out in outs for finding in wrong_output(out, [rows])]
    assert codes == ["is_a_folder", "no_such_folder", "replaces_input", "replaces_input"]


def test_any_other_place_takes_a_result(tmp_path: Path) -> None:
    older = tmp_path / "older.json"
    older.write_text("{}")
    outs = (None, older, tmp_path / "new.json")
    assert [wrong_output(out, [tmp_path / "rows.csv"]) for out in outs] == [[], [], []]
