from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from effects.case import CaseError
from effects.errors import EffectsError, Finding, PlanError
from effects.planning.toml_files import parse_toml, read_toml

MARKS = st.text(alphabet="[]={}\"'\n#.,:-+_ 0159aeTZxæ\x00", max_size=40)


def refused(path: Path, wrong: type[EffectsError] = PlanError) -> Finding:
    with pytest.raises(wrong) as raised:
        read_toml(path, wrong)
    (finding,) = raised.value.findings
    return finding


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    for encoding in ("utf-8", "utf-8-sig"):
        path.write_text('navn = "Løft"', encoding=encoding)
        assert read_toml(path, PlanError) == {"navn": "Løft"}


@pytest.mark.parametrize("wrong", [PlanError, CaseError])
def test_the_error_is_the_one_the_caller_asks_for(tmp_path: Path, wrong: type[EffectsError]) -> None:
    finding = refused(tmp_path / "none.toml", wrong)
    assert (finding.where, finding.code) == (str(tmp_path / "none.toml"), "unreadable_file")
    assert finding.text() == "This cannot be opened: No such file or directory. Check the path."


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'a = "\xf8"', "not_utf8"),
        ("a".encode("utf-16"), "not_utf8"),
        (b"a b c", "not_toml"),
        (b"PK\x03\x04", "not_toml"),
    ],
)
def test_a_file_of_another_kind_is_a_finding_with_its_name(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(content)
    assert (refused(path).where, refused(path).code) == (str(path), code)


def test_a_folder_is_a_finding(tmp_path: Path) -> None:
    assert refused(tmp_path).code == "unreadable_file"


def test_what_is_wrong_is_said_by_line_and_column() -> None:
    with pytest.raises(PlanError, match=r"plan: This is not TOML: .*line 2, column 5"):
        parse_toml("a = 1\nb = x\n", "plan", PlanError)


@given(MARKS)
@example("a = " + "9" * 5000)
@example("a = 0b" + "1" * 20_000)
@example("[" * 10_000)
@example("a = " + "{b = " * 3000)
@example("a = 2016-02-31")
@example("a = 1\na = 2")
def test_any_text_is_a_table_or_one_finding(text: str) -> None:
    try:
        found = parse_toml(text, "plan", PlanError)
    except PlanError as error:
        assert [finding.code for finding in error.findings] == ["not_toml"]
        assert len(str(error)) < 400
    else:
        assert isinstance(found, dict)
