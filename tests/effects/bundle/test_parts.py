"""Where each part lies, and that reading what was laid out gives the parts back."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.bundle.parts import (
    ADVICE,
    CASE,
    MANIFEST,
    ROWS,
    Basis,
    Parts,
    PilotPart,
    contents,
    folder_of,
    parts_from,
)
from tests.effects.bundle.story import the_files, the_parts


def test_what_was_laid_out_reads_back_to_the_same_parts() -> None:
    assert parts_from(the_files(), json.loads(the_files()[MANIFEST])) == the_parts()


def test_files_stand_in_a_fixed_order_advice_first_and_pilot_by_pilot() -> None:
    names = list(contents(the_parts()))
    assert names[:2] == [ADVICE, CASE]
    assert [name for name in names if name.endswith("/case.toml")] == [f"pilots/{n}/case.toml" for n in (1, 2, 3)]
    assert folder_of(0) == "pilots/1"


@pytest.mark.parametrize(
    ("changes", "basis"),
    [
        ({"result": b"{}", "rows": ("rows.csv", b"a\n"), "moments": b"{}"}, Basis.ROWS),
        ({"result": b"{}", "moments": b"{}"}, Basis.MOMENTS),
        ({"result": b"{}"}, Basis.HASH_ONLY),
        ({}, Basis.PUBLISHED),
    ],
)
def test_the_basis_is_the_most_that_is_given(changes: dict[str, object], basis: Basis) -> None:
    pilot = replace(PilotPart(title="A", study="1", case=b"", grade=b""), **changes)  # type: ignore[arg-type]
    assert pilot.basis is basis


def test_rows_keep_their_name() -> None:
    pilot = replace(the_parts().pilots[1], rows=("rows.csv", b"home\n"))
    laid = contents(replace(the_parts(), pilots=(pilot,)))
    assert laid["pilots/1/rows.csv"] == b"home\n"
    assert parts_from(laid, {"pilots": [{}]}).pilots[0].rows == ("rows.csv", b"home\n")


@pytest.mark.parametrize("manifest", [{}, {"pilots": 3}, {"pilots": [4, None]}, {"issued": [], "versions": "x"}])
def test_a_manifest_of_anything_gives_parts_that_are_empty_where_nothing_is(manifest: dict[str, object]) -> None:
    found = parts_from({}, manifest)
    assert (found.case, found.advice, found.issued_on) == (b"", b"", "")
    assert all(pilot.case == b"" for pilot in found.pilots)


MAYBE = st.none() | st.binary(max_size=3)
PILOTS = st.builds(
    PilotPart,
    title=st.text(max_size=5),
    study=st.text(max_size=5),
    case=st.binary(max_size=3),
    grade=st.binary(max_size=3),
    plan=MAYBE,
    result=MAYBE,
    moments=MAYBE,
    rows=st.none() | st.tuples(st.sampled_from(ROWS), st.binary(max_size=3)),
    source=st.text(max_size=5),
)
BUNDLES = st.builds(
    Parts,
    issued_on=st.text(max_size=5),
    issued_at=st.text(max_size=5),
    versions=st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    case=st.binary(max_size=3),
    advice=st.binary(max_size=3),
    pilots=st.lists(PILOTS, max_size=12).map(tuple),
    synthesis=MAYBE,
    business_case=MAYBE,
    valuation=MAYBE,
    places=MAYBE,
)


@given(BUNDLES)
def test_any_bundle_is_laid_out_and_read_back(parts: Parts) -> None:
    stated = [{"title": one.title, "study": one.study, "source": one.source} for one in parts.pilots]
    issued = {"on": parts.issued_on, "at": parts.issued_at}
    manifest = {"pilots": stated, "issued": issued, "versions": dict(parts.versions)}
    assert parts_from(contents(parts), manifest) == parts


@given(BUNDLES)
def test_files_lie_in_a_folder_of_their_pilot_or_on_top(parts: Parts) -> None:
    laid = contents(parts)
    folders = {name.rpartition("/")[0] for name in laid}
    assert folders == {"", *(folder_of(place) for place in range(len(parts.pilots)))}
    assert all(isinstance(content, bytes) for content in laid.values())
    assert len(laid) == len({name.casefold() for name in laid}), "also where capitals do not tell names apart"


def test_an_empty_file_is_a_file_and_a_missing_one_is_none() -> None:
    pilot = PilotPart(title="A", study="1", case=b"", grade=b"", plan=b"")
    laid = contents(replace(the_parts(), pilots=(pilot,)))
    assert laid["pilots/1/plan.toml"] == b""
    assert "pilots/1/result.json" not in laid
