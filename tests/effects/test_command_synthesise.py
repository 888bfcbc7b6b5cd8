import csv
import json
from pathlib import Path

import pytest

from effects.command_synthesise import run
from tests.effects.synthesis.bcg import trials


def written(folder: Path, text: str | None = None) -> Path:
    path = folder / "STUDIES.csv"
    if text is not None:
        path.write_text(text, encoding="utf-8")
        return path
    studies = trials()
    columns = [studies.names, studies.estimates, studies.variances, studies.dates or (), *studies.moderators.values()]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["study", "yi", "vi", "date", *studies.moderators])
        rows.writerows(zip(*columns, strict=True))
    return path


def test_the_answer_goes_to_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(written(tmp_path), [], None) == 0
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert answer["heterogeneity"]["tau2_reml"] == pytest.approx(0.3132432582)
    assert answer["pooling"]["kind"] == "not_estimable"
    assert said.err == ""


def test_the_minimal_important_difference_sets_the_prior(tmp_path: Path) -> None:
    out = tmp_path / "synthesis.json"
    assert run(written(tmp_path), ["latitude", "allocation"], out, 0.5, 3) == 0
    answer = json.loads(out.read_text("utf-8"))
    assert (answer["scale"], answer["pooling"]["scale"]) == pytest.approx((0.15, 0.15))
    assert [one["moderators"] for one in answer["regressions"]] == [
        ["latitude"],
        ["allocation"],
        ["latitude", "allocation"],
    ]
    assert answer["silent_pilots"]["silent"] == 3
    assert len(answer["leave_one_out"]) == len(answer["cumulative"]) == 13


def test_the_reference_files_give_the_reference_figures(reference: Path, tmp_path: Path) -> None:
    with (reference / "dat_konstantopoulos2011.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [f"{row['study']},{row['yi']},{row['vi']},{row['district']}" for row in rows]
    out = tmp_path / "synthesis.json"
    assert run(written(tmp_path, "\n".join(["study,yi,vi,cluster", *lines])), [], out) == 0
    found = json.loads(out.read_text("utf-8"))["three_level"]
    assert found["mean"]["estimate"] == pytest.approx(0.1847131637, abs=1e-6)
    assert found["mean_cr2"]["df"] == pytest.approx(9.863156233, abs=1e-5)


def test_every_finding_has_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "study,yi,vi\na,x,0.1\na,0.2,0\n")
    assert run(path, ["size"], None) == 3
    told = capsys.readouterr()
    assert told.out == "" and "Traceback" not in told.err
    assert [line.split(":")[0] for line in told.err.splitlines()] == [
        "STUDIES.csv",
        "yi data row 1",
        "vi data row 2",
        "study",
    ]


def test_no_such_file_and_wrong_options_are_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "none.csv", [], tmp_path, -1.0, -1) == 2
    told = [line.split(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert told == [str(tmp_path / "none.csv"), "--minimal-important", "--silent", str(tmp_path)]


@pytest.mark.parametrize("stated", [0.0, float("nan"), float("inf"), 1e300])
def test_a_difference_that_is_no_positive_number_is_refused(
    stated: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(written(tmp_path), [], None, stated) == 2
    assert "must be a positive number" in capsys.readouterr().err


def test_what_is_no_text_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "STUDIES.csv"
    path.write_bytes(b"study,yi,vi\n\xff\xfe,0.1,0.1\n")
    assert run(path, [], None) == 3
    assert "UTF-8" in capsys.readouterr().err


def test_a_result_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(written(tmp_path), [], tmp_path / ("x" * 250)) == 4
    assert capsys.readouterr().err.startswith("virkning: The result could not be written:")
