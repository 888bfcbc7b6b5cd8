"""The report: a line for each file, each difference once."""

import json

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
