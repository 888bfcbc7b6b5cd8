"""What is remarked on against the version before, and what is not."""

from collections import Counter
from pathlib import Path
from random import Random
from statistics import fmean, stdev

import duckdb
import msgspec
import pytest

from effects.errors import Finding
from registry.datasets.comparing import Earlier
from registry.datasets.facts import ColumnFacts
from registry.datasets.plausibility import DEVIATIONS, POINTS, SHOWN_ALIKE, TIMES, implausible
from registry.datasets.schema import Column, ColumnType, FileSchema, Part
from registry.datasets.sql import literal

SCHEMA = FileSchema(
    columns=(
        Column("pupil", ColumnType.TEXT, Part.UNIT, required=True),
        Column("year", ColumnType.INTEGER, Part.PERIOD, required=True),
        Column("school", ColumnType.TEXT, Part.CLUSTER, required=True),
        Column("treated", ColumnType.BOOLEAN01, Part.TREATED, required=True),
        Column("score", ColumnType.NUMBER, Part.OUTCOME),
    ),
    key=("pupil", "year"),
)
PANEL = (
    "SELECT 'p' || i AS pupil, CAST(2018 + j AS BIGINT) AS year, 's' || (i % 4) AS school, "
    "CAST(0 AS UTINYINT) AS treated, CAST(10 + i % 5 AS DOUBLE) AS score FROM range(40) a(i), range(2) b(j)"
)
"""Forty pupils of four schools in 2018 and 2019, whose scores have the mean 12 and the standard deviation 1.43."""


def remarks(folder: Path, after: str, before: str = PANEL, schema: FileSchema = SCHEMA, **told: bool) -> list[Finding]:
    """What is remarked on in a version made by one query against a version made by another."""
    first, second = folder / "1.parquet", folder / "2.parquet"
    facts = tuple(ColumnFacts(column.name, column.type, column.part, 1) for column in schema.columns)
    earlier = Earlier(3, first, facts, approved=told.get("approved", True))
    with duckdb.connect(config={"threads": 1}) as connection:
        for query, path in ((before, first), (after, second)):
            connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet)")
        return list(implausible(connection, second, schema, earlier, people=told.get("people", True)))


def changed(**columns: str) -> str:
    """The panel with other values in some columns."""
    return f"SELECT * REPLACE ({', '.join(f'{value} AS {name}' for name, value in columns.items())}) FROM ({PANEL})"


def codes(found: list[Finding]) -> list[str]:
    return [finding.code for finding in found]


@pytest.mark.parametrize(
    "after",
    [
        PANEL,
        changed(score="score + 4.2"),
        changed(treated="1"),
        f"SELECT * FROM ({PANEL}) WHERE NOT (year = 2019 AND pupil >= 'p3')",
        changed(score="CASE WHEN pupil < 'p16' THEN NULL ELSE score END"),
    ],
    ids=["the same", "nearly three deviations", "treatment", "a little less", "a few empty"],
)
def test_what_stays_within_bounds_is_not_remarked_on(tmp_path: Path, after: str) -> None:
    assert remarks(tmp_path, after) == []


def test_a_wrong_unit_is_remarked_on_in_every_period(tmp_path: Path) -> None:
    found = remarks(tmp_path, changed(score="score * 100"))
    assert codes(found) == ["far_mean", "far_mean"]
    assert found[0].text() == (
        "In 2018 the mean of score is 1200.0; version 3 has 12.0 in 2018, and this is more than 3.0 standard "
        "deviations away. Check the unit and the decimal mark."
    )
    assert (found[0].column, found[0].severity) == ("score", "warning")


def test_a_new_period_is_held_against_the_last_one_before(tmp_path: Path) -> None:
    later = f"{PANEL} UNION ALL SELECT * REPLACE (2025 AS year, score * 9 AS score) FROM ({PANEL}) WHERE year = 2018"
    (found,) = remarks(tmp_path, later)
    assert (found.code, found.params["period"], found.params["reference"]) == ("far_mean", "2025", "2019")


def test_a_period_before_all_others_has_nothing_to_be_held_against(tmp_path: Path) -> None:
    sooner = f"{PANEL} UNION ALL SELECT * REPLACE (2001 AS year, score * 9 AS score) FROM ({PANEL}) WHERE year = 2018"
    assert remarks(tmp_path, sooner) == []


def test_half_a_file_is_remarked_on_by_period_and_by_site(tmp_path: Path) -> None:
    fewer = f"SELECT * FROM ({PANEL}) WHERE year = 2018 AND school <> 's1' OR pupil = 'p1'"
    found = remarks(tmp_path, fewer)
    assert codes(found) == ["few_rows", "few_rows_at_site"]
    assert found[0].text().startswith("In 2019 there are less than half as many rows as version 3 has in 2019.")
    assert found[1].text().startswith("s1 has less than half as many rows as in version 3")


def test_a_file_sent_twice_over_is_remarked_on(tmp_path: Path) -> None:
    bag = msgspec.structs.replace(SCHEMA, key=())
    found = remarks(tmp_path, f"SELECT i.* FROM ({PANEL}) i, range(3)", schema=bag)
    assert codes(found) == ["many_rows", "many_rows", *["many_rows_at_site"] * 4]


def test_a_school_that_is_gone_and_a_period_that_is_gone_are_remarked_on(tmp_path: Path) -> None:
    assert codes(remarks(tmp_path, f"SELECT * FROM ({PANEL}) WHERE school <> 's1'")) == ["few_rows_at_site"]
    assert codes(remarks(tmp_path, f"SELECT * FROM ({PANEL}) WHERE year = 2018")) == ["few_rows"]


def test_many_more_empty_cells_are_remarked_on(tmp_path: Path) -> None:
    found = remarks(tmp_path, changed(score="CASE WHEN school IN ('s0', 's1') THEN NULL ELSE score END"))
    assert codes(found) == ["more_missing", "more_missing"]
    assert found[0].text().startswith("In 2018 50.0 % of score is empty; version 3 has 0.0 % in 2018.")


def test_without_periods_the_whole_file_is_one(tmp_path: Path) -> None:
    flat = FileSchema(columns=(SCHEMA.columns[0], *SCHEMA.columns[2:]), key=("pupil",))
    before = f"SELECT * EXCLUDE (year) FROM ({PANEL}) WHERE year = 2018"
    wrong = f"SELECT * REPLACE (score / 100 AS score) FROM ({before}) WHERE pupil < 'p2'"
    texts = [finding.message for finding in remarks(tmp_path, wrong, before, flat)]
    assert texts[0] == "There are less than half as many rows as in version {number}."
    assert texts[-1].startswith("The mean of {column} is {mean}; in version {number} it was {before}")
    empty = f"SELECT * REPLACE (CAST(NULL AS DOUBLE) AS score) FROM ({before})"
    assert [finding.message for finding in remarks(tmp_path, empty, before, flat)] == [
        "{empty} % of {column} is empty; in version {number} it was {before} %."
    ]


@pytest.mark.parametrize("few", ["pupil < 'p12'", "pupil = 'p1'"])
def test_the_mean_of_a_few_is_never_told(tmp_path: Path, few: str) -> None:
    before = f"SELECT * FROM ({PANEL}) WHERE {few}"
    assert remarks(tmp_path, f"SELECT * REPLACE (score * 100 AS score) FROM ({before})", before) == []


def test_people_without_a_site_are_not_named_and_sites_are(tmp_path: Path) -> None:
    flat = FileSchema(columns=(*SCHEMA.columns[:2], SCHEMA.columns[4]), key=SCHEMA.key)
    before, one_less = f"SELECT * EXCLUDE (school, treated) FROM ({PANEL})", "pupil <> 'p7'"
    after = f"SELECT * FROM ({before}) WHERE {one_less}"
    assert remarks(tmp_path, after, before, flat) == []
    assert [finding.params["site"] for finding in remarks(tmp_path, after, before, flat, people=False)] == ["p7"]


def test_a_version_that_nobody_approved_is_no_measure(tmp_path: Path) -> None:
    assert remarks(tmp_path, changed(score="score * 100"), approved=False) == []


def test_of_many_remarks_of_a_kind_the_first_are_listed_and_the_others_counted(tmp_path: Path) -> None:
    many = PANEL.replace("range(2)", f"range({SHOWN_ALIKE + 5})")
    found = remarks(tmp_path, f"SELECT * REPLACE (-score * 9 AS score) FROM ({many})", many)
    assert codes(found) == ["far_mean"] * (SHOWN_ALIKE + 1)
    assert found[-1].text() == "5 more remarks like those above are not listed. Look at these first."


Row = tuple[str, int, str, int, float | None]


def drawn(seed: int, *, later: bool) -> list[Row]:
    """Forty pupils over a few years; the later version is at times shorter, doubled, in another unit or emptier."""
    random = Random(seed * 2 + later)
    rows: list[Row] = []
    for year in range(2018, 2018 + random.randint(1, 3) + later):
        times = random.choice([1, 1, 1, 3]) if later else 1
        unit = random.choice([1.0, 1.0, 10.0]) if later else 1.0
        empty = random.choice([0.0, 0.1, 0.5]) if later else random.choice([0.0, 0.2])
        pupils = random.choice([40, 40, 18, 10]) if later else 40
        for number in range(pupils):
            for copy in range(times):
                score = None if random.random() < empty else unit * (10 + random.gauss(0, 1))
                rows.append((f"p{number}x{copy}", year, f"s{number % 4}", 0, score))
    return rows


def query(rows: list[Row]) -> str:
    told = ", ".join(f"('{p}', {y}, '{s}', {t}, {'NULL' if v is None else v})" for p, y, s, t, v in rows)
    return (
        "SELECT pupil, CAST(year AS BIGINT) AS year, school, CAST(treated AS UTINYINT) AS treated, "
        f"CAST(score AS DOUBLE) AS score FROM (VALUES {told}) t(pupil, year, school, treated, score)"
    )


def expected(before: list[Row], after: list[Row]) -> Counter[tuple[str, str]]:
    """Which periods and sites the text of the module asks to remark on, worked out with plain lists."""
    found: Counter[tuple[str, str]] = Counter()
    known, now = sorted({row[1] for row in before}), sorted({row[1] for row in after})
    for year in sorted({*known, *now}):
        reference = max((one for one in known if one <= year), default=None)
        if reference is None:
            continue
        then, here = [r for r in before if r[1] == reference], [r for r in after if r[1] == year]
        if len(here) * TIMES < len(then):
            found["few_rows", str(year)] += 1
        if len(here) > len(then) * TIMES:
            found["many_rows", str(year)] += 1
        old, new = [r[4] for r in then if r[4] is not None], [r[4] for r in here if r[4] is not None]
        if min(len(old), len(new)) >= 5 and abs(fmean(new) - fmean(old)) > DEVIATIONS * stdev(old):
            found["far_mean", str(year)] += 1
        if min(len(then), len(here)) >= 5:
            empty, used = (100.0 * (len(rows) - len(full)) / len(rows) for rows, full in ((here, new), (then, old)))
            if empty > used + POINTS:
                found["more_missing", str(year)] += 1
    both = set(known) & set(now)
    for site in sorted({row[2] for row in before}):
        old_rows, new_rows = (sum(r[2] == site and r[1] in both for r in rows) for rows in (before, after))
        if old_rows and new_rows * TIMES < old_rows:
            found["few_rows_at_site", site] += 1
        if old_rows and new_rows > old_rows * TIMES:
            found["many_rows_at_site", site] += 1
    return found


@pytest.mark.parametrize("seed", range(12))
def test_what_is_remarked_on_is_what_plain_lists_say(tmp_path: Path, seed: int) -> None:
    before, after = drawn(seed, later=False), drawn(seed, later=True)
    found = remarks(tmp_path, query(after), query(before), msgspec.structs.replace(SCHEMA, key=()))
    said = Counter((one.code, str(one.params.get("site") or one.params.get("period"))) for one in found)
    assert said == expected(before, after)


def test_the_drawn_versions_show_every_kind_of_remark() -> None:
    kinds = {code for seed in range(12) for code, _ in expected(drawn(seed, later=False), drawn(seed, later=True))}
    assert kinds >= {"few_rows", "many_rows", "far_mean", "more_missing", "few_rows_at_site", "many_rows_at_site"}
