import os
import stat
from pathlib import Path

import pytest

from registry.kit.disk import synced


def test_a_folder_is_synced_and_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds, fsync = [], os.fsync

    def noted(descriptor: int) -> None:
        kinds.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    before = len(list(Path("/proc/self/fd").iterdir()))
    monkeypatch.setattr(os, "fsync", noted)
    synced(tmp_path)
    assert kinds == [True]
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_is_no_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        synced(Path(__file__))
    with pytest.raises(FileNotFoundError):
        synced(tmp_path / "none")
