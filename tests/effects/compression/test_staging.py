import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from effects.compression.staging import MERGED, staged, with_merged
from effects.errors import DataError
from tests.effects.compression.panels import parquet
from tests.effects.federation.pilot import ROLES, csv, pilot, plan


def rows_of(files: list[Path]) -> pd.DataFrame:
    with duckdb.connect() as connection:
        return connection.read_parquet([str(path) for path in files]).df()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for everything that is temporary."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_csv_becomes_columns_of_the_types_that_an_analysis_reads(here: Path, tmp_path: Path) -> None:
    frame = pilot(1)[0].assign(note=None, day="2024-08-01")
    frame.loc[1, "site"] = None
    with staged([csv(frame, tmp_path)], None) as files:
        read = rows_of(files).sort_values(["person", "term"], ignore_index=True)
        kinds = dict(zip(read.columns, map(str, read.dtypes), strict=True))
    assert read["municipality"].unique().tolist() == ["0101"]
    assert kinds["score"] == kinds["term"] == kinds["note"] == "float64"
    assert read["site"].isna().sum() == 1
    assert read["score"].sum() == pytest.approx(frame["score"].sum())
    assert list(here.iterdir()) == []


def test_nothing_of_the_rows_has_a_name_on_the_disk_meanwhile(here: Path, tmp_path: Path) -> None:
    with staged([csv(pilot(1)[0], tmp_path)], None) as files:
        written = [path for path in here.rglob("*") if path.is_file()]
        assert len(rows_of(files)) > 0
    assert written == ([] if Path("/proc/self/fd").exists() else written)
    assert not files[0].exists()


def test_a_fault_meanwhile_leaves_nothing(here: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), staged([csv(pilot(1)[0], tmp_path)], None):
        raise RuntimeError
    assert list(here.iterdir()) == []


def test_parquet_that_differs_in_types_is_read_as_an_analysis_reads_it(here: Path, tmp_path: Path) -> None:
    one, other = pilot(2)
    files = [parquet(one, tmp_path / "a.parquet"), parquet(other.astype({"term": float}), tmp_path / "b.parquet")]
    with staged(files, None) as found:
        assert found != files
        assert rows_of(found)["score"].sum() == pytest.approx(one["score"].sum() + other["score"].sum())
    assert list(here.iterdir()) == []
    with (
        pytest.raises(DataError, match="municipality"),
        staged([files[0], parquet(other[["term"]], tmp_path / "c.parquet")], None),
    ):
        pass


def test_parquet_is_asked_where_it_lies(here: Path, tmp_path: Path) -> None:
    path = parquet(pilot(1)[0], tmp_path / "rows.parquet")
    with staged([path], None) as files:
        assert files == [path]
        assert list(here.iterdir()) == []


def test_several_files_are_one_table(tmp_path: Path) -> None:
    frames = pilot(2)
    paths = [csv(frames[0], tmp_path, "a"), parquet(frames[1], tmp_path / "b.parquet")]
    with staged(paths, None) as files:
        assert len(rows_of(files)) == sum(map(len, frames))


@pytest.mark.parametrize("content", ["", "a,b\n1\n", "\n"])
def test_what_is_no_table_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError), staged([path], None):
        pytest.fail("nothing to ask")


def test_merged_clusters_have_one_name_in_a_column_of_their_own(here: Path, tmp_path: Path) -> None:
    frame = pd.concat(pilot(3), ignore_index=True)
    path = parquet(frame, tmp_path / "rows.parquet")
    with with_merged([path], plan(), {"0101": "0103"}) as (files, read):
        found = rows_of(files)
        assert read.data.cluster == MERGED
    assert found.loc[found["municipality"] == "0101", MERGED].unique().tolist() == ["0103"]
    assert sorted(found[MERGED].unique()) == ["0102", "0103"]
    assert len(found) == len(frame)
    assert list(here.iterdir()) == []


def test_numbered_clusters_are_named_as_a_reader_writes_them(tmp_path: Path) -> None:
    frame = pd.concat(pilot(3), ignore_index=True)
    frame["municipality"] = frame["municipality"].astype(float)
    frame.loc[0, "municipality"] = float("nan")
    path = parquet(frame, tmp_path / "rows.parquet")
    with with_merged([path], plan(), {"101": "103"}) as (files, _):
        found = rows_of(files)[MERGED]
    assert sorted(found.dropna().unique()) == ["102", "103"]
    assert found.isna().sum() == 1


def test_without_merges_or_clusters_nothing_is_written(tmp_path: Path) -> None:
    path, stated = tmp_path / "rows.parquet", plan()
    with with_merged([path], stated, {}) as found:
        assert found == ([path], stated)
    trial = plan("hc2", (), "individual_randomised", data={"treated": ROLES["treated"]})
    with with_merged([path], trial, {"a": "b"}) as found:
        assert found == ([path], trial)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="files without a name need /proc")
def test_a_killed_process_leaves_no_rows(tmp_path: Path) -> None:
    path, folder = csv(pilot(1)[0], tmp_path), tmp_path / "temporary"
    folder.mkdir()
    script = (
        "import sys, time; from pathlib import Path; from effects.compression.staging import staged\n"
        f"with staged([Path({str(path)!r})], None): print('held', flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
    time.sleep(0.01)
    assert [found for found in folder.rglob("*") if found.is_file()] == []
