"""The seeded register."""

import csv
import re
from pathlib import Path

import duckdb
import pytest

from registry.benchmarks import registers
from registry.benchmarks.readings import Task
from registry.benchmarks.registers import CODES, MONTHS, SCHEMA, SHORT_ROWS, generate, write_register
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


def test_a_register_made_in_pieces_has_one_head_and_every_row_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registers, "_ROWS_AT_ONCE", 70)
    write_register(tmp_path / "register.csv", 200)
    rows = rows_of(tmp_path / "register.csv")
    assert [(row["borger"], row["maaned"]) for row in rows] == [
        (f"B{row // MONTHS:08d}", str(row % MONTHS + 1)) for row in range(200)
    ]
    found = check(tmp_path / "register.csv", tmp_path, SCHEMA)
    assert found.findings == ()
    assert [path.suffix for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_numbers_read_back_within_the_limits_of_the_schema(tmp_path: Path) -> None:
    write_register(tmp_path / "register.csv", 1_000)
    rows = rows_of(tmp_path / "register.csv")
    for column in SCHEMA.columns:
        if column.minimum is not None and column.maximum is not None:
            values = [float(row[column.name].replace(".", "").replace(",", ".")) for row in rows]
            assert column.minimum <= min(values) < max(values) <= column.maximum, column.name
    assert {row["stoerrelse"] for row in rows} == set(CODES)
    assert {row["indsats"] for row in rows} == {"0", "1"}


def test_a_citizen_lives_in_one_place_and_stays_treated(tmp_path: Path) -> None:
    write_register(tmp_path / "register.csv", 10 * MONTHS)
    seen: dict[str, list[dict[str, str]]] = {}
    for row in rows_of(tmp_path / "register.csv"):
        seen.setdefault(row["borger"], []).append(row)
    for rows in seen.values():
        assert len({(row["kommune"], row["visiteret"], row["stoerrelse"]) for row in rows}) == 1
        doses = [row["indsats"] for row in rows]
        assert doses == sorted(doses)


def test_the_first_zero_of_a_municipality_survives_storing(tmp_path: Path) -> None:
    write_register(tmp_path / "register.csv", 300)
    found = check(tmp_path / "register.csv", tmp_path, SCHEMA)
    assert found.stored is not None
    (stored,) = tmp_path.glob("**/*.parquet")
    with duckdb.connect() as connection:
        codes = connection.execute(f"SELECT DISTINCT kommune FROM '{stored}' ORDER BY 1").fetchall()
    assert codes == [(row,) for row in sorted({each["kommune"] for each in rows_of(tmp_path / "register.csv")})]
    assert codes[0] == ("0101",)


def test_every_column_of_the_schema_can_be_wrong_in_its_own_way(tmp_path: Path) -> None:
    """The checks that are timed do look: one spoilt cell in each column is one finding in that column."""
    path = tmp_path / "register.csv"
    write_register(path, 400)
    lines = path.read_text("utf-8").splitlines()
    spoilt = {"maaned": "51", "indsats": "2", "timer": "12.5,0", "udgift": "-1,00", "tilfredshed": "101,0"}
    spoilt |= {"borger": "", "kommune": "", "visiteret": "31-02-2020", "stoerrelse": "enorm"}
    names = [column.name for column in SCHEMA.columns]
    for place, (name, value) in enumerate(spoilt.items(), start=1):
        cells = lines[place].split(";")
        cells[names.index(name)] = value
        lines[place] = ";".join(cells)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    found = check(path, tmp_path, SCHEMA)
    assert found.stored is None
    assert {finding.column for finding in found.findings} >= set(names)
