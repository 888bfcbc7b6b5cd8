"""One pilot checked by itself."""

from dataclasses import replace
from typing import Any

import pytest

from effects.analyse import analyse
from effects.bundle.pilot_checks import FROM_THE_MOMENTS, FROM_THE_ROWS, NO_ROWS, checked_pilot
from effects.bundle.recomputing import read_plan
from effects.bundle.report import Verdict
from tests.effects.bundle.story import rows, the_parts

MOMENTS, HASH_ONLY, PUBLISHED = the_parts().pilots


def places(pilot: Any, tolerance: float = 0.0) -> set[tuple[str, str]]:
    return {(one.file, one.where) for one in checked_pilot(0, pilot, tolerance).differences}


@pytest.mark.parametrize("pilot", the_parts().pilots)
def test_a_pilot_as_it_was_written_agrees(pilot: Any) -> None:
    assert places(pilot) == set()


def test_how_far_a_result_is_checked_is_said() -> None:
    said = [checked_pilot(0, pilot, 0.0).how.get("pilots/1/result.json") for pilot in the_parts().pilots]
    assert said == [(Verdict.RECOMPUTED, FROM_THE_MOMENTS), (Verdict.NOT_RECOMPUTABLE, NO_ROWS), None]


def test_rows_that_may_leave_are_analysed_again(tmp_path: Any) -> None:
    path = tmp_path / "rows.csv"
    rows(12).to_csv(path, index=False)
    plan = read_plan(HASH_ONLY.plan or b"")
    given = replace(HASH_ONLY, rows=("rows.csv", path.read_bytes()), result=analyse(path, plan).to_json())
    checked = checked_pilot(0, given, 1e-9)
    assert checked.how["pilots/1/result.json"] == (Verdict.RECOMPUTED, FROM_THE_ROWS)
    assert not [one for one in checked.differences if one.file.endswith("result.json")]
    other = replace(given, rows=("rows.csv", rows(13).to_csv(index=False).encode()))
    assert ("pilots/1/result.json", "$.data.sha256[0]") in places(other, 1e-9)
    unfit = replace(given, rows=("rows.csv", b"a,b\n1,2\n"))
    assert ("pilots/1/rows.csv", "$") in places(unfit)


def test_moments_of_another_pilot_do_not_carry_the_result() -> None:
    assert places(replace(MOMENTS, result=HASH_ONLY.result)) >= {("pilots/1/result.json", "$.data.content")}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"plan": b"design = 3"}, ("pilots/1/plan.toml", "$")),
        ({"plan": None}, ("pilots/1/plan.toml", "$")),
        ({"result": b"{"}, ("pilots/1/result.json", "$")),
        ({"result": b"[]"}, ("pilots/1/result.json", "$")),
        ({"case": b"{"}, ("pilots/1/case.toml", "$")),
        ({"grade": b""}, ("pilots/1/grade.json", "$")),
    ],
)
def test_a_file_that_cannot_be_read_is_named(changes: dict[str, Any], place: tuple[str, str]) -> None:
    assert place in places(replace(HASH_ONLY, **changes))


def test_the_case_of_another_pilot_is_named_figure_by_figure() -> None:
    assert ("pilots/1/case.toml", "indicator[0].estimate") in places(replace(HASH_ONLY, case=MOMENTS.case))
    assert any(file == "pilots/1/grade.json" for file, _ in places(replace(PUBLISHED, case=MOMENTS.case)))
