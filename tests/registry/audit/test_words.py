"""Every action that is written in the log has words."""

import re
from collections.abc import Iterator

from registry.audit.words import ACTIONS
from registry.datasets.rules import UploadState
from registry.kit.texts import ROOT

WRITTEN = re.compile(r'(?:record|_judge)\([^"()]*"([a-z]+\.[a-z_]+)"|action="([a-z]+\.[a-z_]+)"')


def written() -> Iterator[str]:
    """The names of actions as they stand where something is recorded."""
    for path in sorted((ROOT / "registry").rglob("*.py")):
        for pair in WRITTEN.findall(path.read_text("utf-8")):
            yield "".join(pair)


def test_every_action_that_is_recorded_has_words() -> None:
    found = set(written())
    assert len(found) > 30
    assert found - ACTIONS.keys() == set()
    assert {f"datasets.{state}" for state in (UploadState.REFUSED, UploadState.STORED)} <= ACTIONS.keys()
