"""The report: a line for each file, each difference once."""

import json

import pytest

from effects.bundle.differences import Difference
from effects.bundle.report import HASHED, Report, Verdict, reported
from effects.message import Message

ONE = Difference("a.json", "$.x", "1", "2", "b.toml, c.toml")


def report(*found: Difference) -> Report:
    how = {"a.json": (Verdict.RECOMPUTED, Message("Worked out."))}
    files, differences = reported(["a.json", "b.toml", "d.toml"], how, found)
    return Report("ab" * 32, {"numpy": "1"}, {"numpy": "2"}, False, files, differences)


def test_a_difference_is_told_of_every_file_that_takes_part_and_said_once() -> None:
    made = report(ONE, ONE)
    assert [(file.file, file.verdict) for file in made.files] == [
        ("a.json", Verdict.DIFFERS),
        ("b.toml", Verdict.DIFFERS),
        ("d.toml", Verdict.AGREES),
    ]
    assert not made.agrees
    assert [finding.where for finding in made.findings()] == ["a.json $.x"]


def test_without_differences_each_file_keeps_how_it_was_checked() -> None:
    made = report()
    assert made.agrees
    assert [file.how for file in made.files] == [Message("Worked out."), HASHED, HASHED]


def test_a_file_that_is_not_there_is_listed_too() -> None:
    files = report(Difference("e.json", "$", "a file", "nothing", "the bundle")).files
    assert files[-1].file == "e.json"


def test_the_json_has_one_line_for_each_file_and_says_how_numbers_were_compared() -> None:
    text = report(ONE).to_bytes().decode()
    told = json.loads(text)
    assert [json.loads(line.rstrip(",")) for line in text.splitlines()[1:-1]] == told["files"]
    assert (told["verdict"], told["versions"]["stated"]) == ("differs", {"numpy": "1"})
    assert told["numbers"].startswith("within 1e-9")
    assert told["files"][0]["differences"][0]["recomputed"] == "2"


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_file_without_a_difference_keeps_the_verdict_that_it_was_checked_with(verdict: Verdict) -> None:
    (file,), differences = reported(["a.json"], {"a.json": (verdict, Message("So."))}, [])
    assert (file.verdict, file.how, differences) == (verdict, Message("So."), ())


def test_a_difference_of_a_file_whose_name_ends_alike_is_not_its_own() -> None:
    files, _ = reported(["case.toml", "pilots/1/case.toml"], {}, [Difference("case.toml", "$", "1", "2", "x.json")])
    assert [(file.file, file.verdict) for file in files] == [
        ("case.toml", Verdict.DIFFERS),
        ("pilots/1/case.toml", Verdict.AGREES),
    ]


def test_exact_and_near_agreement_are_told_apart() -> None:
    exact = Report(None, {}, {}, True, (), ())
    told = json.loads(exact.to_bytes())
    assert (told["numbers"], told["sha256"], told["verdict"], told["files"]) == ("exact", None, "agrees", [])


def test_letters_and_quotes_of_any_language_stand_in_the_report_as_they_are() -> None:
    told = report(Difference("a.json", "$.å", '"æ"', "ø\n", "b.toml")).to_bytes()
    assert "å".encode() in told
    assert json.loads(told)["files"][0]["differences"][0]["stated"] == '"æ"'
