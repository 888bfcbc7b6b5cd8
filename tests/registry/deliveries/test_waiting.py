"""Files between sending and check."""

import os
from pathlib import Path

from registry.datasets import files
from registry.datasets.files import ABANDONED_SECONDS, Received
from registry.deliveries import waiting
from registry.kit.clock import now


def a_received(state: Path, name: str) -> Received:
    path = files.uploads(state) / f"{name}.part"
    path.write_text(name)
    return Received(path, len(name), "0" * 64, b"")


def test_files_wait_in_their_order_until_they_are_removed(tmp_path: Path) -> None:
    waiting.keep(tmp_path, 7, [a_received(tmp_path, "first"), a_received(tmp_path, "second")])
    assert [path.read_text() for path in waiting.paths(tmp_path, 7, 2)] == ["first", "second"]
    waiting.remove(tmp_path, 7)
    waiting.remove(tmp_path, 7)
    assert list(files.uploads(tmp_path).iterdir()) == []


def test_only_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    waiting.sweep(tmp_path / "nothing yet", ())
    for sending in (1, 2, 3):
        waiting.keep(tmp_path, sending, [a_received(tmp_path, str(sending))])
    old = now().timestamp() - ABANDONED_SECONDS - 1
    for sending in (1, 2):
        os.utime(waiting.paths(tmp_path, sending, 1)[0].parent, (old, old))
    waiting.sweep(tmp_path, {2})
    assert sorted(path.name for path in files.uploads(tmp_path).iterdir()) == ["sending-2", "sending-3"]


def test_files_that_wait_are_no_strangers_to_the_sweep_of_uploads(tmp_path: Path) -> None:
    waiting.keep(tmp_path, 12, [a_received(tmp_path, "one")])
    old = now().timestamp() - ABANDONED_SECONDS - 1
    os.utime(waiting.paths(tmp_path, 12, 1)[0].parent, (old, old))
    files.sweep(tmp_path, set())
    assert waiting.paths(tmp_path, 12, 1)[0].is_file()
