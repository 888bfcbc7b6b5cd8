import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from effects.compression.checked import Unsound, Value
from effects.compression.file_parts import (
    changes_content,
    read_changes,
    read_starts,
    read_waves,
    waves_content,
)
from effects.serialize import plain
from effects.treatment_starts import TreatmentStarts
from effects.wave_counts import WaveCounts
from tests.effects.test_unit_changes import ONE, OTHER

WAVES = WaveCounts(("1", "2"), ("a",), np.array([[2, 3, 0], [2, 3, 3]]), np.array([[4, 6]]))
STARTS = TreatmentStarts(("1", "2"), True, ("a", "b"), ("a", "b"), ("2", None))


def through(content: object) -> Value:
    """As a file gives it back."""
    return Value(json.loads(json.dumps(content)))


def test_what_is_written_reads_back() -> None:
    waves = read_waves(through(waves_content(WAVES)))
    assert waves is not None
    assert (waves.by_period.tolist(), waves.by_cluster.tolist()) == (
        WAVES.by_period.tolist(),
        WAVES.by_cluster.tolist(),
    )
    assert read_starts(through(plain(STARTS))) == STARTS
    changes = read_changes(through(changes_content(ONE + OTHER)))
    assert changes is not None
    assert changes_content(changes) == changes_content(ONE + OTHER)
    for name in ("seen", "present", "gains"):
        assert getattr(changes, name).tolist() == getattr(ONE + OTHER, name).tolist()


def test_what_a_design_has_not_is_null() -> None:
    assert (read_waves(Value(None)), read_starts(Value(None)), read_changes(Value(None))) == (None, None, None)


@pytest.mark.parametrize(
    "change",
    [
        lambda group: group.update(seen=[1]),
        lambda group: group.update(seen=[4, 4, 4]),
        lambda group: group.update(gains=[1.0, 3.0, 0.0]),
        lambda group: group.update(gains=[0.0, None, 0.0]),
        lambda group: group.update(present=[-1.0, 6.0, 6.0]),
        lambda group: group.update(units=-1),
        lambda group: group.update(complete=9),
        lambda group: group.update(first=3),
        lambda group: group.pop("cluster"),
        lambda group: group.clear(),
    ],
)
def test_changes_that_no_units_made_are_refused(change: Callable[[dict[str, Any]], object]) -> None:
    content: Any = changes_content(ONE)
    change(content["groups"][0])
    with pytest.raises(Unsound):
        read_changes(through(content))


def test_groups_named_twice_and_other_shapes_are_refused() -> None:
    content: Any = changes_content(ONE)
    content["groups"] *= 2
    with pytest.raises(Unsound):
        read_changes(through(content))
    for broken in ({"by_period": [[1, 2]]}, {"by_cluster": []}, {"periods": ["1", "1"]}):
        with pytest.raises(Unsound):
            read_waves(through({**waves_content(WAVES), **broken}))
    for other in ({"first": ["3", None]}, {"owners": ["a"]}, {"numeric": "yes"}):
        with pytest.raises(Unsound):
            read_starts(through({"periods": ["1", "2"], **_plain_starts(), **other}))


def _plain_starts() -> dict[str, object]:
    found = plain(STARTS)
    assert isinstance(found, dict)
    return found
