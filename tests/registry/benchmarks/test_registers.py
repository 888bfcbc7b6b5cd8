"""The seeded register."""

import csv
import re
from pathlib import Path

from registry.benchmarks.readings import Task
from registry.benchmarks.registers import MONTHS, SCHEMA, SHORT_ROWS, generate, write_register
from registry.datasets.checking import check


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_it_is_written_as_a_danish_system_would(tmp_path: Path) -> None:
    write_register(tmp_path / "register.csv", 2_000)
    rows = rows_of(tmp_path / "register.csv")
    assert len(rows) == 2_000
    assert list(rows[0]) == [column.name for column in SCHEMA.columns]
    assert {row["kommune"] for row in rows} >= {"0101", "0108"}
    assert all(re.fullmatch(r"\d{1,3}(\.\d{3})*,\d\d", row["udgift"]) for row in rows)
    assert any("." in row["udgift"] for row in rows)
    assert all(re.fullmatch(r"\d\d-\d\d-\d{4}", row["visiteret"]) for row in rows)


def test_it_has_no_fault(tmp_path: Path) -> None:
    write_register(tmp_path / "register.csv", 2_000)
    found = check(tmp_path / "register.csv", tmp_path, SCHEMA)
    assert found.findings == ()
    assert found.stored is not None
    assert found.stored.rows == 2_000


def test_every_citizen_comes_once_a_month(tmp_path: Path) -> None:
    write_register(tmp_path / "register.csv", 4 * MONTHS)
    keys = [(row["borger"], row["maaned"]) for row in rows_of(tmp_path / "register.csv")]
    assert len(set(keys)) == len(keys) == 4 * MONTHS


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        write_register(tmp_path / name, 300)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_the_short_one_is_the_beginning_of_the_whole(tmp_path: Path) -> None:
    generate(Task(folder=str(tmp_path), rows=1_000))
    assert (tmp_path / "register.csv").read_bytes() == (tmp_path / "short_register.csv").read_bytes()
    assert SHORT_ROWS == 50_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["register.csv", "short_register.csv"]
