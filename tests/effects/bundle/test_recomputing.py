"""What files lead to when it is worked out again."""

import json

import pytest

from effects.bundle.parts import ADVICE, CASE
from effects.bundle.recomputing import advised, analysed, case_of, graded, reasons
from effects.case import CaseError
from effects.errors import DataError
from tests.effects.bundle.forging import all_renewed
from tests.effects.bundle.story import rows, the_files

PLAN = the_files()["pilots/1/plan.toml"]


def test_grade_and_advice_are_the_bytes_of_virkning_grade() -> None:
    assert advised(the_files()[CASE]) == the_files()[ADVICE]
    assert graded(the_files()["pilots/3/case.toml"]) == the_files()["pilots/3/grade.json"]


def test_a_result_is_worked_out_from_moments_and_from_rows() -> None:
    moments = the_files()["pilots/1/moments.json"]
    assert analysed(PLAN, "moments.json", moments, 7) == the_files()["pilots/1/result.json"]
    text = rows(11).to_csv(index=False).encode()
    found = json.loads(analysed(PLAN, "rows.csv", text, 7))
    stated = json.loads(the_files()["pilots/1/result.json"])
    assert found["estimates"][0]["estimate"] == pytest.approx(stated["estimates"][0]["estimate"], rel=1e-9)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"schema": "virkning-moments/1"}'])
def test_what_are_no_moments_is_said(content: bytes) -> None:
    with pytest.raises(DataError):
        analysed(PLAN, "moments.json", content, 7)


def test_moments_that_were_forged_with_their_hash_are_unreadable_and_no_fault() -> None:
    text = the_files()["pilots/1/moments.json"].decode().replace('"columns"', '"pillars"')
    forged = all_renewed(the_files(), "pilots/1/moments.json", text.encode())["pilots/1/moments.json"]
    with pytest.raises(DataError) as refused:
        analysed(PLAN, "moments.json", forged, 7)
    assert "moments.json" in str(refused.value)


def test_a_case_that_cannot_be_read_says_why_in_one_line() -> None:
    with pytest.raises(CaseError) as caught:
        case_of(b'[case]\ntechnology = "A"\nnonsense = 1\n')
    assert "case.nonsense" in reasons(caught.value)
    assert "\n" not in reasons(caught.value)
