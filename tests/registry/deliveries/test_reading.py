"""What the child finds in files, and what it makes of them; no database."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from effects.compression.files import from_bytes, from_file, to_bytes
from effects.errors import DataError
from effects.moments import total
from effects.plan import AnalysisPlan
from effects.serialize import fingerprint
from registry.deliveries.reading import Checked, Standing, check, pooled
from registry.pilots.rules import Part
from registry.pilots.schemas import SiteView
from tests.registry.deliveries.story import SHARED_PLAN, a_file, few_people, moments_of

CODES = ("0101", "0147", "0151")
SITES = tuple(
    SiteView(place + 1, code, f"Town {code}", "municipality", "Region Test", Part.INTERVENTION, None, None)
    for place, code in enumerate(CODES)
)


def checked(
    folder: Path,
    files: Mapping[str, bytes],
    standing: tuple[Standing, ...] = (),
    *,
    minimum: int = 5,
    again: Mapping[str, str] | None = None,
) -> Checked:
    """What checking files comes to."""
    paths = {}
    for place, (name, content) in enumerate(files.items()):
        paths[name] = folder / str(place)
        paths[name].write_bytes(content)
    return check(paths, standing, SHARED_PLAN, SITES, minimum, again or {})


def codes(found: Checked) -> list[tuple[str, str]]:
    return [(finding.where, finding.code) for finding in found.findings]


def test_sound_files_are_told_with_what_stands_behind_them(tmp_path: Path) -> None:
    found = checked(tmp_path, {f"{code}.moments": a_file(town, code) for town, code in enumerate(CODES)})
    assert found.findings == ()
    assert [one.place.code for one in found.files] == list(CODES)
    shared = found.files[0].shared
    moments = moments_of(0)
    assert (shared.rows, shared.used, shared.clusters, shared.people) == (144, moments.rows_used, 4, 36.0)
    assert [one.outcome for one in shared.outcomes] == ["language", "strain"]
    assert shared.outcomes[1].used + shared.outcomes[1].missing == shared.rows
    assert any("0101" in str(line) for line in found.files[0].sheet)


def test_faults_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    files = {"z.moments": b"{", "a.moments": few_people(1, CODES[1]), "m.moments": b"[]"}
    found = codes(checked(tmp_path, files))
    assert [where for where, _ in dict.fromkeys(found)] == ["z.moments", "a.moments", "m.moments"]
    assert dict(found) == {"z.moments": "not_moments", "a.moments": "small_group", "m.moments": "not_moments"}


def test_an_authority_counts_by_its_site_however_it_is_written(tmp_path: Path) -> None:
    files = {"code.moments": a_file(0, CODES[0]), "name.moments": a_file(1, " TOWN 0101 ")}
    assert codes(checked(tmp_path, files)) == [("name.moments", "repeated_authority")]


def test_two_files_of_one_authority_are_doubled_although_one_counts_already(tmp_path: Path) -> None:
    found = checked(tmp_path, {"b.moments": a_file(1, CODES[0])}, again={CODES[0]: "a.moments"})
    assert codes(found) == [("b.moments", "repeated_authority")]
    assert "a.moments" in found.findings[0].text()


def test_what_stands_of_the_same_authority_is_out_of_the_way(tmp_path: Path) -> None:
    standing = tuple(Standing(code, f"Town {code}", a_file(0, code).decode()) for code in CODES[:1])
    newer = {"newer.moments": a_file(0, CODES[0], pupils=10)}
    assert checked(tmp_path, newer, standing).findings == ()
    same_rows = {"copied.moments": a_file(0, CODES[1])}
    assert {code for _, code in codes(checked(tmp_path, same_rows, standing))} == {"repeated_part"}


@pytest.mark.parametrize("faulty", [few_people(0, CODES[0]), a_file(0, CODES[0]).replace(b"T0S1", b"T9S1"), b"{"])
def test_a_fault_of_what_stands_is_told_of_it_and_stops_nobody(tmp_path: Path, faulty: bytes) -> None:
    standing = (
        Standing(CODES[0], f"Town {CODES[0]}: old.moments", faulty.decode()),
        Standing(CODES[1], f"Town {CODES[1]}: sound.moments", a_file(1, CODES[1]).decode()),
    )
    found = checked(tmp_path, {"new.moments": a_file(2, CODES[2])}, standing)
    assert [one.name for one in found.files] == ["new.moments"]
    (told,) = found.findings
    assert (told.code, told.severity, told.where) == ("faulty_standing", "warning", standing[0].name)
    assert "Town 0101: old.moments" in told.text()
    copied = checked(tmp_path, {"copied.moments": a_file(1, CODES[2])}, standing)
    assert codes(copied) == [(standing[0].name, "faulty_standing"), ("copied.moments", "repeated_part")]
    assert copied.files == ()


def test_two_that_stand_and_do_not_add_stop_nobody(tmp_path: Path) -> None:
    standing = tuple(Standing(code, f"Town {code}", a_file(0, code).decode()) for code in CODES[:2])
    found = checked(tmp_path, {"new.moments": a_file(2, CODES[2])}, standing)
    assert [one.name for one in found.files] == ["new.moments"]


def test_an_installation_may_ask_for_more_people(tmp_path: Path) -> None:
    """Nine pupils are enough for five, and not for ten."""
    file = {"0101.moments": a_file(0, CODES[0])}
    assert checked(tmp_path, file).findings == ()
    assert set(codes(checked(tmp_path, file, minimum=10))) == {("0101.moments", "small_group")}


@pytest.mark.parametrize(
    "named",
    [
        a_file(0, CODES[0]).replace(b'"T0S1"', b'"010190-1234"'),
        a_file(0, CODES[0]).replace(b'"T0S1"', b'"0101901234"'),
        a_file(0, "010190 1234"),
        json.dumps({"schema": [{"deep": {"010190-1234": 1.5}}]}).encode(),
        b"no JSON at all: 010190-1234",
        b"\xff\xfe 010190-1234",
    ],
)
def test_whatever_names_somebody_is_refused_before_anything_else(tmp_path: Path, named: bytes) -> None:
    found = checked(tmp_path, {"good.moments": a_file(1, CODES[1]), "named.moments": named, "cut.moments": b"{"})
    assert codes(found) == [("named.moments", "cpr_like")]
    assert "010190" not in found.findings[0].text()


def test_a_sum_that_reads_like_a_cpr_number_is_a_number(tmp_path: Path) -> None:
    sums = moments_of(0)
    outcome = sums.outcomes[0]
    products = outcome.grams.products.copy()
    products[0, -1, -1] = 3112991234.0
    changed = replace(outcome, grams=replace(outcome.grams, products=products))
    content = to_bytes(replace(sums, authority=CODES[0], outcomes=(changed, *sums.outcomes[1:])))
    assert "cpr_like" not in dict(map(reversed, codes(checked(tmp_path, {"a.moments": content}))))  # type: ignore[arg-type]


def test_the_sum_is_that_of_the_parts_whatever_their_order(tmp_path: Path) -> None:
    contents = {code: a_file(town, code).decode() for town, code in enumerate(CODES)}
    made = pooled(contents, SHARED_PLAN, tmp_path / "one.moments")
    other = pooled(dict(reversed(contents.items())), SHARED_PLAN, tmp_path / "two.moments")
    assert (tmp_path / "one.moments").read_bytes() == (tmp_path / "two.moments").read_bytes()
    assert made == other and made.stored.rows == 432
    found = from_file(tmp_path / "one.moments")
    assert found.sha256 == made.parts
    parts = [from_bytes(content.encode(), code) for code, content in contents.items()]
    assert found.rows_used == total(parts).rows_used


def test_parts_that_do_not_add_are_refused(tmp_path: Path) -> None:
    other = SHARED_PLAN.replace('"cr1"', '"cr0"')
    assert AnalysisPlan.from_text(other).fingerprint != moments_of(0).plan
    with pytest.raises(DataError) as refused:
        pooled({"0101": a_file(0, "0101").decode()}, other, tmp_path / "none.moments")
    assert [finding.code for finding in refused.value.findings] == ["other_plan"]
    assert not (tmp_path / "none.moments").exists()


STRANGE: Mapping[str, bytes] = {
    "nothing but white space": b"  \n",
    "bytes": bytes(range(256)) * 40,
    "NUL": b'{"schema": "virkning-moments/1\x00"}',
    "HTML": b"<!DOCTYPE html><script>alert(1)</script>",
    "pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94.",
    "a zip": b"PK\x03\x04" + bytes(200),
    "a number": b"1e999",
    "not a number": b'{"schema": "virkning-moments/1", "rows": NaN}',
    "a text": b'"virkning-moments/1"',
    "a list of the schema": b'["virkning-moments/1"]',
    "a surrogate": b'{"schema": "\\ud800"}',
    "UTF-16": '{"schema": "virkning-moments/1"}'.encode("utf-16"),
    "many numbers": b"[" + b"1," * 100_000 + b"1]",
    "keys without end": json.dumps({str(number): number for number in range(20_000)}).encode(),
}


@pytest.mark.parametrize("name", STRANGE)
def test_whatever_a_stranger_sends_is_a_finding_at_its_name(tmp_path: Path, name: str) -> None:
    found = checked(tmp_path, {"strange.moments": STRANGE[name], "good.moments": a_file(0, CODES[0])})
    assert [(where, code) for where, code in codes(found)] == [("strange.moments", "not_moments")]
    assert found.files == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"rows": -1},
        {"rows": "many"},
        {"outcomes": []},
        {"outcomes": {"language": 1}},
        {"sha256": ["a", "a"]},
        {"authority": 101},
        {"merged": [["a"]]},
    ],
)
def test_a_forged_check_over_figures_that_no_rows_have_is_refused(tmp_path: Path, changed: dict[str, object]) -> None:
    """Whoever alters a file may also work out its check anew."""
    content = json.loads(a_file(0, CODES[0]))
    content.pop("check")
    content |= changed
    forged = json.dumps({**content, "check": fingerprint(content)}).encode()
    assert codes(checked(tmp_path, {"forged.moments": forged})) == [("forged.moments", "not_moments")]


def test_what_an_authority_merged_is_told_on_its_cover_sheet(tmp_path: Path) -> None:
    merged = to_bytes(replace(moments_of(0), authority=CODES[0], merged=(("T0S9", "T0S1"),)))
    (one,) = checked(tmp_path, {"merged.moments": merged}).files
    assert any("T0S9" in str(line) for line in one.sheet)
