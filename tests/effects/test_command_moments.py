import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from effects.command_moments import Call, run
from effects.compression.files import from_file
from effects.errors import Finding
from effects.terminal import speaking
from tests.effects.federation.pilot import csv, pilot, plan


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a plan and the rows of one municipality."""
    (tmp_path / "plan.toml").write_text(plan().to_toml(), encoding="utf-8")
    csv(pilot(1, 20)[0], tmp_path)
    return tmp_path


def call(place: Path, **asked: object) -> int:
    """The command on the files of the folder; what is asked replaces what stands here."""
    stated = {"plan": place / "plan.toml", "data": [place / "rows.csv"], "out": place / "site.moments"}
    return run(Call(**{**stated, **asked}))  # type: ignore[arg-type]


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_sums_and_their_sheet_are_written_and_nothing_else(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = set(place.iterdir())
    assert call(place, authority=" Aarhus Kommune ", day="2026-11-22") == 0
    assert set(place.iterdir()) - before == {place / "site.moments", place / "site.moments.txt"}
    assert from_file(place / "site.moments").authority == "Aarhus Kommune"
    sheet = (place / "site.moments.txt").read_text("utf-8")
    assert sha256((place / "site.moments").read_bytes()).hexdigest() in sheet
    assert sheet.startswith("Sums in place of rows, for the plan A pilot of persons:\n- Fingerprint")
    assert "\n\nWhat leaves the house:\n- The number of rows" in sheet
    assert sheet.endswith("- Made on 2026-11-22.\n")
    captured = capsys.readouterr()
    assert captured.err == ""
    written, following = captured.out.splitlines()
    assert str(place / "site.moments.txt") in written
    assert following.startswith(f"Next: read the cover sheet, then send {place / 'site.moments'} to the evaluators")


def test_the_same_call_gives_the_same_bytes_and_says_that_it_wrote_over_the_first(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(place) == 0
    first = (place / "site.moments").read_bytes(), (place / "site.moments.txt").read_bytes()
    assert "took the place" not in capsys.readouterr().out
    assert call(place) == 0
    assert ((place / "site.moments").read_bytes(), (place / "site.moments.txt").read_bytes()) == first
    assert "They took the place of earlier files of these names." in capsys.readouterr().out


def test_without_rows_it_is_said_what_sums_answer(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(place, data=(), out=None) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Sums answer all of this plan: no rows need leave an authority."
    assert "+ score: the effect, with standard errors cr1" in said
    assert said[-2].startswith("- second opinions: mixed models (nested exchangeable")
    assert said[-2].endswith("(sums within units do not tell clusters apart)")
    assert said[-1] == "What is marked - needs rows and is left out; the plan does not rest on it."
    (place / "plan.toml").write_text(plan("cr1", subgroup=[{"column": "site"}]).to_toml(), encoding="utf-8")
    assert call(place, data=(), out=None) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Sums do not answer all of this plan:"
    assert "- the effects by site" in said
    assert said[-1].startswith("! subgroups are drawn from rows. Leave out the subgroups")


def test_a_plan_that_needs_rows_ends_with_2_and_says_what_to_state(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "plan.toml").write_text(plan("cr1", subgroup=[{"column": "site"}]).to_toml(), encoding="utf-8")
    assert call(place) == 2
    assert lines(capsys) == [
        "plan: subgroups are drawn from rows Leave out the subgroups, or make a plan of its own for each."
    ]
    assert not (place / "site.moments").exists()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"out": None}, "--out"),
        ({"out": Path("site.json")}, ".moments"),
        ({"out": Path("/nowhere/at/all.moments")}, "no such folder"),
        ({"data": [Path("gone.csv")]}, "gone.csv: There is no such file."),
        ({"schema": Path("gone.json")}, "gone.json: There is no such file."),
        ({"plan": Path("gone.toml")}, "gone.toml"),
        ({"merges": ["0101"]}, "0101 is no merge."),
        ({"merges": ["0101=0101"]}, "is no merge."),
        ({"merges": ["a=b", "a=c"]}, "a=c is no merge."),
    ],
)
def test_a_wrong_call_ends_with_2_and_writes_nothing(
    asked: dict[str, object], words: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(place.iterdir())
    assert call(place, **asked) == 2
    assert any(words in line for line in lines(capsys))
    assert set(place.iterdir()) == before


@pytest.mark.parametrize("asked", [{"authority": "010190-1234"}, {"merges": ["0101901234=0101"]}])
def test_a_cpr_number_given_as_a_name_is_refused_and_not_shown(
    asked: dict[str, object], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(place, **asked) == 2
    (said,) = lines(capsys)
    assert "looks like it holds a CPR number" in said
    assert "0101" not in said
    assert not (place / "site.moments").exists()


@pytest.mark.parametrize("people", [20, 1])
def test_a_cpr_number_as_a_cluster_leaves_nothing_and_is_not_shown_whatever_else_is_wrong(
    people: int, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    csv(pilot(1, people)[0].assign(municipality="010190\u200b-1234"), place)
    before = set(place.iterdir())
    assert call(place) == 3
    (said,) = lines(capsys)
    assert "CPR number; it is not shown here" in said
    assert "1234" not in said
    assert set(place.iterdir()) == before


def test_names_that_turn_letters_around_stand_spelt_out_on_the_sheet(place: Path) -> None:
    assert call(place, authority="Aar\u202ehus\x1b[31m") == 0
    sheet = (place / "site.moments.txt").read_text("utf-8")
    assert r"- From: Aar\u202ehus\x1b[31m" in sheet
    assert from_file(place / "site.moments").authority == "Aar\u202ehus\x1b[31m"


def test_the_sums_never_replace_what_is_read(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = (place / "rows.csv").rename(place / "rows.moments.txt")
    assert call(place, data=[rows], out=place / "rows.moments") == 2
    assert "would replace what is read" in lines(capsys)[0]


def test_too_few_people_end_with_3_and_the_merge_to_add_and_with_it_0(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = csv(pd.concat(pilot(5, 14, small={0: 3})), place, "all")
    assert call(place, data=[rows]) == 3
    assert lines(capsys) == ["0101: People behind cluster 0101: 3, fewer than 5. Add --merge 0101=0104."]
    assert not (place / "site.moments").exists()
    assert call(place, data=[rows], merges=["0101=0104"]) == 0
    assert from_file(place / "site.moments").merged == (("0101", "0104"),)


def test_rows_that_cannot_carry_the_plan_end_with_3_a_line_each(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    csv(pilot(1)[0].drop(columns=["score", "term"]), place)
    assert call(place) == 3
    said = lines(capsys)
    assert len(said) >= 2
    assert any("score" in line for line in said)


def test_what_the_user_cannot_mend_ends_with_4_and_leaves_no_half(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "site.moments.txt.partial").mkdir()
    assert call(place) == 4
    assert lines(capsys)[0].startswith("virkning: The result could not be written")
    assert not (place / "site.moments").exists()
    assert not (place / "site.moments.partial").exists()


def test_braces_in_names_are_text(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = csv(pilot(1, 3)[0].assign(municipality="{x}"), place)
    assert call(place, data=[rows]) == 3
    assert lines(capsys)[0].startswith("{x}: People behind cluster {x}: 3")


def test_another_language_is_spoken_throughout(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = Call(plan=place / "plan.toml", data=[place / "rows.csv"], out=place / "x.moments", merges=["a"])
    with speaking(lambda sentence: f"<{sentence.message}>" if isinstance(sentence, Finding) else "<>"):
        assert run(asked) == 2
    assert lines(capsys)[0].startswith("--merge: <{text} is no merge.>")


def test_a_process_that_is_ended_leaves_nothing_of_the_rows(place: Path) -> None:
    folder = place / "temporary"
    folder.mkdir()
    script = (
        "import effects.federation.making as making, effects.command_moments as command, time\n"
        "from pathlib import Path\n"
        "def slow(*_, **__): print('held', flush=True); time.sleep(60)\n"
        "making.compress = slow\n"
        f"place = Path({str(place)!r})\n"
        "asked = command.Call(plan=place / 'plan.toml', data=[place / 'rows.csv'], out=place / 'site.moments')\n"
        "command.run(asked)\n"
    )
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 128 + signal.SIGTERM
    time.sleep(0.01)
    assert list(folder.iterdir()) == []
    assert not (place / "site.moments").exists()
