"""Where each part lies, and that reading what was laid out gives the parts back."""

import json
from dataclasses import replace

import pytest

from effects.bundle.parts import ADVICE, CASE, MANIFEST, Basis, PilotPart, contents, folder_of, parts_from
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
