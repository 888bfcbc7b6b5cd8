import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from effects.compression.files import from_file, to_bytes
from effects.errors import DataError
from effects.moments import Moments
from effects.serialize import fingerprint
from tests.effects.compression.panels import Shape, moments, panel, plan

SHAPE = Shape(seed=3, clusters=5, units=3, periods=4, lost=0.2, level=1000.0, parts=1)


@pytest.fixture
def kept(tmp_path: Path) -> Moments:
    frame = panel(SHAPE)
    frame.loc[[1, 2], "y"] = None
    return moments(frame, tmp_path, plan("stepped_wedge", "cr1", ["x"]))


def test_what_is_written_reads_back_to_the_same_bytes(kept: Moments, tmp_path: Path) -> None:
    path = tmp_path / "site.moments"
    path.write_bytes(to_bytes(kept))
    again = from_file(path)
    assert to_bytes(again) == path.read_bytes()
    assert again.outcomes[0].grams.products.tobytes() == kept.outcomes[0].grams.products.tobytes()
    assert again.dropped == kept.dropped


def test_no_row_and_no_unit_is_in_the_file(kept: Moments) -> None:
    text = to_bytes(kept).decode()
    assert "c0u1" not in text
    assert "c0" in text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text[: len(text) // 2], "not_moments"),
        (lambda text: text.replace('"rows": ', '"rows": 1', 1), "altered"),
        (lambda text: text.replace("virkning-moments/1", "virkning-result/1"), "not_moments"),
        (lambda text: text[:0] + "[]", "not_moments"),
        (lambda text: text.replace('"effects_version": "', '"effects_version": "9.'), "other_version"),
    ],
)
def test_what_is_cut_off_altered_or_foreign_is_refused_by_name(
    kept: Moments, tmp_path: Path, change: Callable[[str], str], code: str
) -> None:
    path = tmp_path / "site.moments"
    path.write_text(change(to_bytes(kept).decode()))
    with pytest.raises(DataError) as caught:
        from_file(path)
    assert [finding.code for finding in caught.value.findings] == [code]
    assert "site.moments" in caught.value.findings[0].text()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.moments"):
        from_file(tmp_path / "gone.moments")


def test_the_check_covers_every_key(kept: Moments) -> None:
    content: dict[str, Any] = json.loads(to_bytes(kept))
    check = content.pop("check")
    assert check == fingerprint(content)
    assert set(content) >= {"schema", "plan", "sha256", "outcomes", "rows", "rows_used", "dropped"}
