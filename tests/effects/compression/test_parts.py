"""One file or many, here or on other processes: the same bytes, or the file named that stands in the way."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.compression import parts
from effects.compression.compress import compress
from effects.compression.files import to_bytes
from effects.compression.parts import Part, Question, Row, Script, added, asked, connected, cut, described, marks
from effects.compression.routing import compressed
from effects.errors import DataError
from effects.message import Message
from effects.moments import Moments
from effects.plan import AnalysisPlan
from effects.spread import spreading
from tests.effects.compression.panels import Shape, by_cluster, panel, parquet, plan, settings_of, split_by_unit

WHOLE = panel(Shape(seed=11, clusters=7, units=4, periods=5, lost=0.0, level=50.0, parts=1))
RAGGED = panel(Shape(seed=12, clusters=7, units=4, periods=5, lost=0.2, level=50.0, parts=1))
ARMS = np.random.Generator(np.random.PCG64(13)).permutation(len(RAGGED)) % 2
STRATA = {"unit": "unit", "cluster": "cluster", "treated": "treated", "strata": "stratum", "persons": "people"}
BY_PERIOD = {"working_model": "fixed_effects", "fixed_effects": ["period"]}
CASES = {
    "cells": (WHOLE, plan("stepped_wedge", "cr1s")),
    "masked_cells": (RAGGED, plan("stepped_wedge", "cr2")),
    "masked_cells_of_independent_rows": (WHOLE, plan("stepped_wedge", "iid")),
    "grams": (RAGGED, plan("stepped_wedge", "cr2", ["x", "log(z)"])),
    "periods": (RAGGED, plan("stepped_wedge", "cr1", model=BY_PERIOD)),
    "persons": (RAGGED.assign(treated=ARMS), plan("individual_randomised", "cr1", ["x"])),
    "clusters": (by_cluster(RAGGED), plan("cluster_randomised", "cr3", ["x", "z^2"])),
    "strata": (
        by_cluster(RAGGED).assign(people=3),
        plan("cluster_randomised", "cr1", data=STRATA, model={"fixed_effects": ["strata"]}),
    ),
    "holes": (RAGGED.assign(y=RAGGED["y"].where(RAGGED.index % 7 > 0)), plan("stepped_wedge", "cr1")),
}


class Elsewhere:
    """Does parts in other processes, the last one first, and counts them."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool = pool
        self.done = 0

    def __call__(self, function: Callable[[Any, Any], Any], shared: Any, parts: Sequence[Any]) -> list[Any]:
        self.done += len(parts)
        waiting = [self.pool.submit(function, shared, part) for part in reversed(parts)]
        return [one.result() for one in waiting][::-1]


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield Elsewhere(pool)


@pytest.fixture(autouse=True)
def _each_file_is_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 1)


def written(frames: Sequence[pd.DataFrame], folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    return [parquet(frame, folder / f"{place}.parquet") for place, frame in enumerate(frames)]


def split(frame: pd.DataFrame, folder: Path, number: int = 7) -> list[Path]:
    """The frame in files, units whole and rows mixed, in the wrong order."""
    pieces = split_by_unit(frame.sample(frac=1.0, random_state=1), number, 5)
    return written(pieces, folder)[::-1]


def content(paths: Sequence[Path], stated: AnalysisPlan) -> bytes:
    found = compress(paths, stated, settings_of(stated))
    assert isinstance(found, Moments), str(found)
    return to_bytes(replace(found, sha256=()))


def refusal(paths: Sequence[Path], stated: AnalysisPlan) -> str:
    found = compress(paths, stated, settings_of(stated))
    assert isinstance(found, Message)
    return str(found)


@pytest.mark.parametrize("name", list(CASES))
def test_one_file_seven_files_and_other_processes_give_the_same_bytes(
    tmp_path: Path, elsewhere: Elsewhere, name: str
) -> None:
    frame, stated = CASES[name]
    expected = content([parquet(frame, tmp_path / "rows.parquet")], stated)
    assert content(split(frame, tmp_path / "here"), stated) == expected
    files = split(frame, tmp_path / "elsewhere", 7 if name in ("cells", "grams") else 2)
    before = elsewhere.done
    with spreading(elsewhere):
        assert content(files, stated) == expected
    assert elsewhere.done >= before + 3 * len(files)


@pytest.mark.parametrize(("frame", "stated"), CASES.values(), ids=list(CASES))
def test_units_that_straddle_files_are_put_together_and_give_the_same_bytes(
    tmp_path: Path, frame: pd.DataFrame, stated: AnalysisPlan
) -> None:
    expected = content([parquet(frame, tmp_path / "rows.parquet")], stated)
    assert content(written([frame.iloc[place::2] for place in range(2)], tmp_path / "rows"), stated) == expected


def test_cells_of_a_balanced_panel_are_spread_also_where_each_file_is_a_period(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No part of all files is ever made: the units of the first period stand in one file."""
    stated = plan("stepped_wedge", "cr1s")
    expected = content([parquet(WHOLE, tmp_path / "rows.parquet")], stated)
    files = written([own for _, own in WHOLE.groupby("period")], tmp_path / "periods")
    asked_together = []

    def alone(paths: Sequence[Path]) -> Any:
        asked_together.append(len(paths))
        return connected(paths)

    monkeypatch.setattr(parts, "connected", alone)
    assert content(files, stated) == expected
    assert set(asked_together) == {1}


@pytest.mark.parametrize("name", ["cells", "masked_cells", "grams"])
def test_a_unit_that_is_doubled_across_files_is_found_as_in_one_file(tmp_path: Path, name: str) -> None:
    frame, stated = CASES[name]
    again = frame[frame["unit"] == "c2u1"]
    one = [parquet(pd.concat([frame, again]), tmp_path / "rows.parquet")]
    assert refusal(written([frame, again.assign(x=0.0)], tmp_path / "two"), stated) == refusal(one, stated)


@pytest.mark.parametrize("name", ["masked_cells", "grams", "clusters", "persons"])
def test_a_unit_in_two_clusters_of_two_files_is_found_as_in_one_file(tmp_path: Path, name: str) -> None:
    frame, stated = CASES[name]
    moved = frame["unit"].eq("c0u1") & frame["period"].gt(2)
    frame = frame.assign(cluster=frame["cluster"].mask(moved, "c2"))
    one = [parquet(frame, tmp_path / "rows.parquet")]
    assert refusal(written([frame[~moved], frame[moved]], tmp_path / "two"), stated) == refusal(one, stated)


def test_units_by_number_in_ranges_need_no_hashes_and_texts_that_mix_do(tmp_path: Path) -> None:
    stated = plan("stepped_wedge", "cr2")
    numbered = RAGGED.assign(unit=RAGGED["unit"].astype("category").cat.codes)
    expected = content([parquet(numbered, tmp_path / "rows.parquet")], stated)
    halves = [numbered[numbered["unit"] < 9], numbered[numbered["unit"] >= 9]]
    assert content(written(halves, tmp_path / "apart"), stated) == expected
    odd = numbered["unit"] % 2 == 1
    assert content(written([numbered[odd], numbered[~odd]], tmp_path / "mixed"), stated) == expected
    real = numbered.assign(unit=numbered["unit"] + 0.5)
    assert content(written([real[odd], real[~odd]], tmp_path / "real"), stated) == expected


@pytest.mark.parametrize("kind", ["TIMESTAMP_NS", "DATE", "TIMESTAMP", "DOUBLE", "BOOLEAN", "DECIMAL(4,1)", "VARCHAR"])
def test_periods_of_any_type_are_agreed_between_files(tmp_path: Path, kind: str) -> None:
    """The period's own word for it, in a unit's path and as the first period of a balanced panel."""
    value = "DATE '2024-01-31' + CAST(period AS INTEGER) * 31" if kind.startswith(("TIME", "DATE")) else "period"
    for name, places in (("masked_cells", 3), ("cells", 2)):
        frame, stated = CASES[name]
        if kind == "BOOLEAN":
            frame = frame[frame["period"] > 2].assign(period=frame["period"] - 3)
        paths = []
        for place, piece in enumerate([frame, *split_by_unit(frame, places, 5)]):
            paths.append(tmp_path / f"{name}{place}.parquet")
            with duckdb.connect() as connection:
                connection.register("frame", piece)
                chosen = f"SELECT * REPLACE (CAST({value} AS {kind}) AS period) FROM frame"
                connection.execute(f"COPY ({chosen}) TO '{paths[-1]}'")
        assert content(paths[1:], stated) == content(paths[:1], stated)


def test_instants_that_python_cannot_tell_apart_leave_the_rows_to_be_read(tmp_path: Path) -> None:
    frame = RAGGED.assign(period=pd.to_datetime(RAGGED["period"]))
    stated = CASES["grams"][1]
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        fine = "SELECT * REPLACE (CAST(period AS TIMESTAMP_NS) AS period) FROM frame"
        connection.execute(f"COPY ({fine}) TO '{tmp_path / 'fine.parquet'}'")
    assert "stands in several clusters" in refusal([tmp_path / "fine.parquet"], stated)


def test_files_whose_columns_differ_in_type_are_left_to_the_rows(tmp_path: Path) -> None:
    """DuckDB alone would round the second file's numbers to the first one's type."""
    first, second = WHOLE[WHOLE["cluster"] < "c3"], WHOLE[WHOLE["cluster"] >= "c3"]
    files = written([first.assign(y=first["y"].round().astype(int)), second], tmp_path / "split")
    for size in (1, 2**30):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parts, "PART_BYTES", size)
            assert refusal(files, plan("stepped_wedge", "cr1s")) == "the files cannot be asked as one table"


def test_an_order_of_columns_of_its_own_is_no_difference(tmp_path: Path) -> None:
    first, second = WHOLE[WHOLE["cluster"] < "c3"], WHOLE[WHOLE["cluster"] >= "c3"]
    stated = plan("stepped_wedge", "cr1s")
    files = written([first, second[second.columns[::-1]]], tmp_path / "split")
    assert content(files, stated) == content([parquet(WHOLE, tmp_path / "rows.parquet")], stated)


def test_the_same_file_in_two_parts_is_left_to_the_rows_to_refuse(tmp_path: Path) -> None:
    files = written([WHOLE, WHOLE], tmp_path / "twice")
    assert refusal(files, plan("stepped_wedge", "cr1s")) == "the same file is given twice"


def test_files_without_a_row_add_nothing(tmp_path: Path) -> None:
    for name in ("cells", "grams", "strata"):
        frame, stated = CASES[name]
        files = written([frame.iloc[:0], frame], tmp_path / name)
        assert content(files, stated) == content(files[1:], stated)


class Meddling:
    """Does something to the files before the second round."""

    def __init__(self, deed: Callable[[], object]) -> None:
        self.deed = deed
        self.rounds = 0

    def __call__(self, function: Callable[[Any, Any], Any], shared: Any, parts: Sequence[Any]) -> list[Any]:
        self.rounds += 1
        if self.rounds == 2:
            self.deed()
        return [function(shared, part) for part in parts]


def test_a_file_that_is_removed_meanwhile_is_named(tmp_path: Path) -> None:
    files, stated = split(WHOLE, tmp_path / "split", 3), plan("stepped_wedge", "cr1s")
    with spreading(Meddling(files[2].unlink)), pytest.raises(DataError) as raised:
        compress(files, stated, settings_of(stated))
    assert [(found.where, found.code) for found in raised.value.findings] == [(files[2].name, "unreadable_file")]


def test_a_file_that_is_exchanged_meanwhile_is_named(tmp_path: Path) -> None:
    files, stated = split(WHOLE, tmp_path / "split", 3), plan("stepped_wedge", "cr1s")
    deed = Meddling(lambda: parquet(WHOLE.iloc[:5], files[1]))
    with spreading(deed), pytest.raises(DataError) as raised:
        compress(files, stated, settings_of(stated))
    assert [(found.where, found.code) for found in raised.value.findings] == [(files[1].name, "changed_file")]


def test_another_process_says_by_name_which_file_it_cannot_read(tmp_path: Path, elsewhere: Elsewhere) -> None:
    path = parquet(WHOLE, tmp_path / "rows.parquet")
    part = described(None, (path,)).part
    wrong = replace(part, digests=("0" * 64,))
    script = Script((), (Question(f"SELECT count(*) FROM {parts.TABLE}", 0),))
    assert elsewhere.pool.submit(asked, script, part).result() == [[(len(WHOLE),)]]
    with pytest.raises(DataError, match="not what it was"):
        elsewhere.pool.submit(asked, script, wrong).result()
    path.unlink()
    with pytest.raises(DataError, match="cannot be opened"):
        elsewhere.pool.submit(asked, script, part).result()
    with pytest.raises(DataError, match="cannot be opened"):
        elsewhere.pool.submit(described, None, (path,)).result()


def test_another_version_of_the_database_is_not_asked(tmp_path: Path) -> None:
    """Hashes of units, which tell parts apart, are its own."""
    part = described(None, (parquet(WHOLE, tmp_path / "rows.parquet"),)).part
    with pytest.raises(RuntimeError, match=duckdb.__version__):
        asked(Script((), (), "0.0.1"), part)


def test_small_files_go_together_and_large_ones_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 100)
    sizes = {"a": 40, "b": 60, "c": 1, "d": 500, "e": 99, "f": 1, "g": 1}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b"." * size)
    found = cut([tmp_path / name for name in reversed(sizes)])
    assert ["".join(path.name for path in part) for part in found] == ["ab", "c", "d", "ef", "g"]
    assert all(path.is_absolute() for part in found for path in part)


def test_ninety_eight_small_files_are_one_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for place in range(98):
        (tmp_path / f"{place}.parquet").write_bytes(b".")
    assert [len(part) for part in cut(sorted(tmp_path.iterdir()))] == [98]


def test_answers_add_by_key_in_whole_numbers_of_any_size() -> None:
    question, huge = Question("", 1), 2**100 + 1
    one, other = [[("b", huge, 1), ("a", 1, 1)]], [[("b", 1, 2), ("c", 0, 0)]]
    expected = [[("a", 1, 1), ("b", 2**100 + 2, 3), ("c", 0, 0)]]
    assert added([question], [one, other]) == added([question], [other, one]) == expected


def test_an_answer_that_is_too_long_ends_the_script_here_and_over_all_parts(tmp_path: Path) -> None:
    part = described(None, (parquet(WHOLE, tmp_path / "rows.parquet"),)).part
    clusters = f"SELECT DISTINCT cluster FROM {parts.TABLE}"
    last = Question(f"SELECT count(*) FROM {parts.TABLE}", 0)
    assert len(asked(Script((), (Question(clusters, 1, 7), last)), part)) == 2
    assert asked(Script((), (Question(clusters, 1, 6), last)), part) == []
    both: list[list[list[Row]]] = [[[("a",)], [(1,)]], [[("b",)], [(1,)]]]
    assert added([Question("", 1, 2), last], both) == [[("a",), ("b",)], [(2,)]]
    assert added([Question("", 1, 1), last], both) == []


def test_marks_of_units_are_different_sorted_and_the_same_anywhere(tmp_path: Path, elsewhere: Elsewhere) -> None:
    part = described(None, (parquet(WHOLE, tmp_path / "rows.parquet"),)).part
    units = f"(SELECT unit AS u FROM {parts.TABLE})"
    found = marks(units, part)
    assert len(found) == WHOLE["unit"].nunique()
    assert np.all(found[:-1] < found[1:])
    assert np.array_equal(elsewhere.pool.submit(marks, units, part).result(), found)


def test_a_name_with_a_quote_is_read_and_a_part_says_what_its_files_hold(tmp_path: Path) -> None:
    path = parquet(WHOLE.assign(y=WHOLE["y"].where(WHOLE.index > 0)), tmp_path / "it's.parquet")
    found = described(None, (path,))
    assert (found.rows, found.part) == (len(WHOLE), Part((path,), found.part.digests))
    assert found.filled == set(WHOLE.columns) - {"y"}
    assert dict(found.kinds[0])["y"] == "DOUBLE"


def test_a_process_that_is_asked_from_elsewhere_opens_one_database_and_leaves_nothing(tmp_path: Path) -> None:
    """The third question finds the database broken for good; the one after it gets another."""
    (folder := tmp_path / "temporary").mkdir()
    path = parquet(RAGGED, tmp_path / "rows.parquet")
    script = (
        "import duckdb, effects.compression.parts as parts\n"
        "from pathlib import Path\n"
        "connect, opened = duckdb.connect, []\n"
        "duckdb.connect = lambda *given, **stated: opened.append(1) or connect(*given, **stated)\n"
        f"part = parts.sealed((Path({str(path)!r}),))\n"
        "count = parts.Script((), (parts.Question('SELECT count(*) FROM all_rows', 0),))\n"
        "found = [parts.asked(count, part) for _ in range(2)]\n"
        "try:\n"
        "    with parts.connected(part.paths): raise duckdb.FatalException('broken')\n"
        "except duckdb.FatalException: print(len(opened))\n"
        "found.append(parts.asked(count, part))\n"
        "print(len(opened), len({str(one) for one in found}))\n"
    )
    call, environment = [sys.executable, "-W", "error", "-c", script], {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("1\n2 1\n", "")
    assert list(folder.iterdir()) == []


def test_many_files_with_many_rows_together_are_analysed_without_holding_them(tmp_path: Path) -> None:
    copies = [RAGGED.assign(unit=RAGGED["unit"] + f"-{copy}") for copy in range(100_000 // len(RAGGED) + 1)]
    many = [pd.concat(copies[place::4]) for place in range(4)]
    stated = plan("stepped_wedge", "cr1")
    found = analyse(written(many, tmp_path / "many"), stated)
    assert "compression" in [check.name for check in found.diagnostics]
    assert found.estimates == analyse([parquet(pd.concat(many), tmp_path / "one.parquet")], stated).estimates
    assert found.data.rows == sum(map(len, many)) >= 100_000
    assert compressed(written(many[:2], tmp_path / "few"), None, stated, settings_of(stated)) is None
