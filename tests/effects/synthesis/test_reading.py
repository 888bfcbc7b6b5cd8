from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.errors import DataError
from effects.synthesis.reading import read_studies

GOOD = """study,yi,vi,cluster,date,size,kind,code
Aarhus,0.1,0.01,Midt,2019,10,urban,0101
Skive,-0.2,2e-2,Midt,2020-05,20,rural,0102
Odense,.3,0.03,Syd,2020-05-31,30,urban,0103
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "STUDIES.csv"
    path.write_text(text, encoding="utf-8")
    return path


def findings(folder: Path, text: str, *moderators: str) -> list[tuple[str, str, int | None]]:
    with pytest.raises(DataError) as refused:
        read_studies(written(folder, text), moderators)
    return [(finding.code, finding.where, finding.row) for finding in refused.value.findings]


def test_studies_with_their_places_and_dates(tmp_path: Path) -> None:
    studies = read_studies(written(tmp_path, GOOD))
    assert studies.names == ("Aarhus", "Skive", "Odense")
    assert (studies.estimates, studies.variances) == ((0.1, -0.2, 0.3), (0.01, 0.02, 0.03))
    assert (studies.clusters, studies.dates) == (("Midt", "Midt", "Syd"), ("2019", "2020-05", "2020-05-31"))
    assert studies.moderators == {}


def test_numbers_are_numbers_and_codes_are_texts(tmp_path: Path) -> None:
    studies = read_studies(written(tmp_path, GOOD), ["size", "kind", "code", "size"])
    assert studies.moderators == {
        "size": [10.0, 20.0, 30.0],
        "kind": ["urban", "rural", "urban"],
        "code": ["0101", "0102", "0103"],
    }


def test_what_is_not_there_is_not_needed(tmp_path: Path) -> None:
    studies = read_studies(written(tmp_path, "vi,study,yi\n0.1,a,0.5\n"))
    assert (studies.clusters, studies.dates, len(studies)) == (None, None, 1)


def test_other_columns_may_name_the_studies_and_what_they_have_in_common(tmp_path: Path) -> None:
    path = written(tmp_path, "trial,district,cluster,yi,vi\nA,1,x,0.5,0.1\nB,1,y,0.4,0.2\n")
    studies = read_studies(path, ["cluster"], study="trial", cluster="district")
    assert (studies.names, studies.clusters) == (("A", "B"), ("1", "1"))
    with pytest.raises(DataError) as refused:
        read_studies(path, study="study_id", cluster="area")
    assert [finding.params["column"] for finding in refused.value.findings] == ["study_id", "area"]


def test_every_fault_is_found_at_once(tmp_path: Path) -> None:
    text = "study,yi,vi,cluster,date\na,x,0.1,p,2020\na,0.2,0,,May\n,0.3,-1,q,2021\n"
    assert findings(tmp_path, text, "size") == [
        ("missing_column", "STUDIES.csv", None),
        ("missing_value", "study", 3),
        ("missing_value", "cluster", 2),
        ("not_a_number", "yi", 1),
        ("not_positive", "vi", 2),
        ("not_positive", "vi", 3),
        ("repeated_study", "study", None),
        ("not_a_date", "date", 2),
    ]


def test_all_missing_columns_are_named(tmp_path: Path) -> None:
    assert findings(tmp_path, "trial,effect\na,1\n") == [("missing_column", "STUDIES.csv", None)] * 3


def test_a_moderator_is_known_for_every_study(tmp_path: Path) -> None:
    text = "study,yi,vi,size\na,0.1,0.1,3\nb,0.1,0.1,NA\n"
    assert findings(tmp_path, text, "size") == [("missing_value", "size", 2)]


@pytest.mark.parametrize("text", ["", "study,yi,vi\n"])
def test_a_file_without_studies_is_told(tmp_path: Path, text: str) -> None:
    assert {code for code, _, _ in findings(tmp_path, text)} <= {"no_header", "no_study"}


@pytest.mark.parametrize("number", ["nan", "inf", "1e999", "0,1", "1/2", "−0.2"])
def test_what_is_no_number_is_shown(tmp_path: Path, number: str) -> None:
    with pytest.raises(DataError, match="is not a number"):
        read_studies(written(tmp_path, f'study,yi,vi\na,"{number}",0.1\n'))


def test_numbers_beyond_measure_are_refused(tmp_path: Path) -> None:
    assert findings(tmp_path, "study,yi,vi\na,1e300,0.1\nb,0.1,1e-300\n") == [
        ("beyond_measure", "yi", 1),
        ("beyond_measure", "vi", 2),
    ]


def test_a_row_that_is_too_short_is_told(tmp_path: Path) -> None:
    assert findings(tmp_path, "study,yi,vi\na,0.1\n")[0][0] == "ragged_row"


@given(
    st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3), st.sampled_from(["Midt", "Syd", "Ærø"])),
        min_size=1,
        max_size=8,
    )
)
def test_what_was_written_is_what_is_read(rows: list[tuple[float, float, str]]) -> None:
    lines = [f"pilot {number},{y!r},{v!r},{place}" for number, (y, v, place) in enumerate(rows)]
    with TemporaryDirectory() as folder:
        studies = read_studies(written(Path(folder), "\n".join(["study,yi,vi,cluster", *lines])))
    assert studies.estimates == tuple(y for y, _, _ in rows)
    assert studies.variances == tuple(v for _, v, _ in rows)
    assert studies.clusters == tuple(place for _, _, place in rows)


@pytest.mark.parametrize(
    ("date", "good"), [("2020", True), ("2020-05", True), ("2020-05-31", True), ("31.05.2020", False)]
)
def test_dates_sort_as_they_are_written(tmp_path: Path, date: str, good: bool) -> None:
    text = f"study,yi,vi,date\na,0.1,0.1,{date}\n"
    if good:
        assert read_studies(written(tmp_path, text)).dates == (date,)
    else:
        assert findings(tmp_path, text) == [("not_a_date", "date", 1)]


def test_a_byte_order_mark_and_quotes_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "STUDIES.csv"
    path.write_bytes('\ufeff"study","yi","vi"\n"Aarhus, Midt",0.1,0.2\n'.encode())
    assert read_studies(path).names == ("Aarhus, Midt",)


def remedies(path: Path) -> list[str]:
    with pytest.raises(DataError) as refused:
        read_studies(path)
    return [finding.remedy for finding in refused.value.findings]


def test_a_semicolon_between_columns_is_told_with_a_remedy_that_there_is(tmp_path: Path) -> None:
    assert findings(tmp_path, "study;yi;vi\na;0.1;0.2\n")[0][0] == "other_delimiter"
    (remedy,) = remedies(written(tmp_path, "study;yi;vi\na;0.1;0.2\n"))
    assert remedy == "Separate them by commas, and write decimals with a point."
    path = tmp_path / "latin.csv"
    path.write_bytes("study,yi,vi\nÆrø,0.1,0.2\n".encode("latin-1"))
    assert remedies(path) == ["Save it as UTF-8."]


def test_a_column_may_be_left_out_only_where_it_is_not_required(tmp_path: Path) -> None:
    (variance, date) = remedies(written(tmp_path, "study,yi,vi,date\na,0.1,,\n"))
    assert "leave a study out" in variance
    assert "leave the column out" in date
