import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.compression.answers import entry_from
from effects.compression.files import LARGEST, content_of, from_bytes, from_file, to_bytes
from effects.errors import DataError
from effects.moments import Moments, total
from effects.serialize import fingerprint
from tests.effects.compression.panels import SHAPES, Shape, moments, panel, plan, settings_of, split_by_unit

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


@settings(max_examples=6)
@given(SHAPES, st.sampled_from(["cr1", "iid"]), st.booleans())
def test_any_moments_read_back_as_they_were(shape: Shape, error: str, covariate: bool) -> None:
    stated = plan("stepped_wedge", error, ["x"] if covariate else [])
    with TemporaryDirectory() as folder:
        kept = moments(panel(shape), Path(folder), stated)
        path = Path(folder) / "site.moments"
        path.write_bytes(to_bytes(kept))
        again = from_file(path)
    one, other = kept.outcomes[0], again.outcomes[0]
    assert (again.plan, again.sha256, again.rows, again.rows_used) == (
        kept.plan,
        kept.sha256,
        kept.rows,
        kept.rows_used,
    )
    assert (other.statistic, other.people, other.cells, other.reversals) == (
        one.statistic,
        one.people,
        one.cells,
        one.reversals,
    )
    for name in ("clusters", "names", "base", "demeaned", "squared"):
        assert getattr(other.grams, name) == getattr(one.grams, name)
    for name in ("products", "rows", "treated", "units", "origin"):
        assert getattr(other.grams, name).tolist() == getattr(one.grams, name).tolist()


def test_the_answer_from_a_file_is_the_answer_from_the_rows(kept: Moments, tmp_path: Path) -> None:
    stated = plan("stepped_wedge", "cr1", ["x"])
    (tmp_path / "site.moments").write_bytes(to_bytes(kept))
    again = from_file(tmp_path / "site.moments")
    assert entry_from(again.outcomes[0], stated, settings_of(stated)) == entry_from(
        kept.outcomes[0], stated, settings_of(stated)
    )


def test_parts_from_files_add_as_those_in_memory_do(tmp_path: Path) -> None:
    stated, again = plan("stepped_wedge", "cr1", ["x"]), []
    parts = [moments(part, tmp_path, stated, f"p{n}") for n, part in enumerate(split_by_unit(panel(SHAPE), 3, 2))]
    for place, part in enumerate(parts):
        path = tmp_path / f"{place}.moments"
        path.write_bytes(to_bytes(part))
        again.append(from_file(path))
    assert to_bytes(total(again)) == to_bytes(total(parts[::-1]))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"null", b"12", b'"text"', b"{}", b"[" * 100_000])
def test_bytes_that_were_never_moments_are_refused_by_name(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "site.moments").write_bytes(content)
    with pytest.raises(DataError) as caught:
        from_file(tmp_path / "site.moments")
    assert [finding.code for finding in caught.value.findings] == ["not_moments"]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        from_file(tmp_path)
    assert [finding.code for finding in caught.value.findings] == ["unreadable_file"]


@pytest.mark.parametrize("path", [("rows",), ("plan",), ("outcomes", 0, "missing"), ("outcomes", 0, "origin", 0)])
def test_any_figure_that_was_altered_is_noticed(kept: Moments, tmp_path: Path, path: tuple[str | int, ...]) -> None:
    content: Any = json.loads(to_bytes(kept))
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "0" * 64 if path == ("plan",) else place[path[-1]] + 1
    (tmp_path / "site.moments").write_text(json.dumps(content))
    with pytest.raises(DataError) as caught:
        from_file(tmp_path / "site.moments")
    assert [finding.code for finding in caught.value.findings] == ["altered"]


def test_another_layout_of_the_same_content_is_the_same_file(kept: Moments, tmp_path: Path) -> None:
    """Who passes it on may indent it; what is checked is the content."""
    content = json.loads(to_bytes(kept))
    (tmp_path / "site.moments").write_text(json.dumps(dict(reversed(content.items())), indent=4))
    assert to_bytes(from_file(tmp_path / "site.moments")) == to_bytes(kept)


def forged(kept: Moments, path: tuple[str | int, ...], value: object) -> bytes:
    """The file with one value replaced, and a check that fits."""
    content: Any = json.loads(to_bytes(kept))
    content.pop("check")
    place = content
    for step in path[:-1]:
        place = place[step]
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps({**content, "check": fingerprint(content)}).encode()


GONE = object()
OUTCOMES = ("outcomes", 0)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("plan",), GONE),
        (("plan",), 3),
        (("rows",), -1),
        (("rows",), 10**6),
        (("outcomes",), []),
        (("outcomes",), {}),
        (("sha256",), ["a", "a"]),
        (("merged",), [["a"]]),
        (("dropped",), [{"reason": "unheard_of", "rows": 1}]),
        ((*OUTCOMES, "statistic"), "rows"),
        ((*OUTCOMES, "columns"), ["treated"]),
        ((*OUTCOMES, "base"), ["treated"]),
        ((*OUTCOMES, "origin", 0), "1"),
        ((*OUTCOMES, "origin"), [0.0]),
        ((*OUTCOMES, "people"), [-1.0, 2.0]),
        ((*OUTCOMES, "clusters"), []),
        ((*OUTCOMES, "clusters", 0), None),
        ((*OUTCOMES, "clusters", 0, "rows"), -4),
        ((*OUTCOMES, "clusters", 0, "treated"), 10**6),
        ((*OUTCOMES, "clusters", 0, "cluster"), "c1"),
        ((*OUTCOMES, "clusters", 0, "products", 0), -1e6),
        ((*OUTCOMES, "clusters", 0, "products"), [1.0]),
        ((*OUTCOMES, "clusters", 0, "products", 0), None),
        ((*OUTCOMES, "least"), [1.0]),
        ((*OUTCOMES, "demeaned"), 1),
    ],
)
def test_figures_that_no_rows_have_are_refused_by_name_even_with_a_check_that_fits(
    kept: Moments, path: tuple[str | int, ...], value: object
) -> None:
    with pytest.raises(DataError) as caught:
        from_bytes(forged(kept, path, value), "site.moments")
    assert [finding.code for finding in caught.value.findings] == ["not_moments"]
    assert "site.moments" in caught.value.findings[0].text()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_what_is_no_number_is_refused(kept: Moments, number: str) -> None:
    text = forged(kept, (*OUTCOMES, "origin", 0), 0.125).decode().replace("0.125", number)
    with pytest.raises(DataError):
        from_bytes(text.encode(), "site.moments")


def test_who_made_it_what_was_merged_and_who_stands_behind_it_are_kept(kept: Moments) -> None:
    clusters = len(kept.outcomes[0].grams.clusters)
    outcome = replace(kept.outcomes[0], people_by_cluster=(7.0,) * clusters, least=(5.0,) * clusters)
    signed = replace(kept, outcomes=(outcome,), authority="Aarhus", merged=(("c9", "c0"),))
    again = from_bytes(to_bytes(signed), "site.moments")
    assert (again.authority, again.merged) == ("Aarhus", (("c9", "c0"),))
    assert again.outcomes[0].people_by_cluster == (7.0,) * clusters
    assert again.outcomes[0].least == (5.0,) * clusters


def test_a_key_that_stands_twice_is_refused_since_readers_see_one_or_the_other(kept: Moments) -> None:
    twice = to_bytes(kept).replace(b'"rows": ', b'"rows": 9, "rows": ', 1)
    with pytest.raises(DataError) as caught:
        from_bytes(twice, "site.moments")
    assert [finding.code for finding in caught.value.findings] == ["not_moments"]


def test_a_file_too_large_is_refused_by_name_before_it_is_read_whole(kept: Moments, tmp_path: Path) -> None:
    path = tmp_path / "site.moments"
    path.write_bytes(to_bytes(kept) + b" " * LARGEST)
    assert len(content_of(path, "site.moments")) == LARGEST + 1
    with pytest.raises(DataError, match="larger than 64 MB") as caught:
        from_file(path)
    assert [finding.code for finding in caught.value.findings] == ["too_large"]


def test_more_rows_than_a_double_can_count_are_no_rows(kept: Moments) -> None:
    with pytest.raises(DataError, match="no rows have"):
        from_bytes(forged(kept, ("rows",), 2**53 + 1), "site.moments")
