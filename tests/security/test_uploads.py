"""What strangers send is bounded before it is parsed, parsed apart, and leaves nothing when refused."""

import io
import re
import struct
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.audit.tables import AuditEntry
from registry.datasets.tables import DatasetVersion, Upload
from registry.datasets.workbook import Cell
from registry.kit.tabular import xlsx_file
from registry.settings import Settings
from tests.registry.datasets.story import HEADER, a_csv, a_schema, checked, left_behind, work_off
from tests.registry.people.story import signed_in
from tests.registry.plans.story import a_cast, a_locked_plan, agree
from tests.security.routes import STATEMENT

JSON = {"accept": "application/json"}


def a_bomb() -> bytes:
    """A workbook of 60 kB whose sheet would unpack to 64 MB."""
    return zipped({"xl/worksheets/sheet1.xml": bytes(64 * 1024 * 1024)})


def a_liar() -> bytes:
    """A workbook whose directory says ten bytes where sixteen million lie."""
    content = bytearray(zipped({"xl/worksheets/sheet1.xml": bytes(16_000_000)}))
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 10)
    return bytes(content)


def zipped(entries: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return written.getvalue()


REFUSED: dict[str, Any] = {
    "zip bomb": a_bomb,
    "lying sizes": a_liar,
    "a zip that is no workbook": lambda: zipped({"evil.txt": b"x", "../../escaped.txt": b"x"}),
    "20,000 columns": lambda: (",".join(f"c{n}" for n in range(20_000)) + "\n").encode() * 2,
    "a line of 50 MB": lambda: HEADER.encode() + b"x" * 50_000_000,
    "a cell of 50 MB in quotes": lambda: HEADER.encode() + b'"' + b"x" * 50_000_000 + b'"\n',
    "a quotation mark that never closes": lambda: HEADER.encode() + b'"0001,' + b"a,b\n" * 50_000,
    "bytes": lambda: bytes(range(256)) * 4_000,
    "NUL": lambda: a_csv().replace("winter", "win\x00ter").encode(),
    "HTML": lambda: b"<!DOCTYPE html><script>alert(1)</script>",
    "SVG": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "pickle": lambda: b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94.",
    "not a number": lambda: a_csv(language="NaN").encode(),
    "infinite": lambda: a_csv(language="Infinity").encode(),
    "too large a number": lambda: a_csv(language="1e999").encode(),
    "a date of a spreadsheet": lambda: a_csv(language="2026-01-02").encode(),
    "a CPR number": lambda: a_csv(season="010101-1234").encode(),
    "a CPR number in a column nobody asked for": lambda: (
        a_csv().replace("season\n", "season,who\n").replace("winter\n", "winter,0101011234\n").encode()
    ),
    "cut off in the middle of a row": lambda: a_csv().encode()[:-20],
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_a_finding_and_stores_nothing(tmp_path: Path, name: str) -> None:
    seen = checked(tmp_path, REFUSED[name](), a_schema())
    assert seen.stored is None
    assert [finding for finding in seen.findings if finding.severity == "error"]
    assert len(seen.findings) <= 2_000
    assert "0101011234" not in str(seen.findings) and "010101-1234" not in str(seen.findings)
    assert not (tmp_path.parent / "escaped.txt").exists()


@pytest.mark.parametrize(
    "content",
    [
        a_csv().encode("utf-8-sig"),
        a_csv().replace("\n", "\r\n").encode(),
        a_csv(season='"two\nlines"').encode(),
    ],
    ids=["byte order mark", "line ends of Windows", "quoted line end"],
)
def test_an_odd_but_right_file_is_read_right(tmp_path: Path, content: bytes) -> None:
    stored = checked(tmp_path, content, a_schema()).stored
    assert stored is not None
    assert stored.rows == 12


def test_a_formula_in_a_workbook_is_never_run(tmp_path: Path) -> None:
    header = HEADER.strip().split(",")
    rows: list[list[Cell]] = [["0001", "2026-W01", 0, 12, "=1+1", "", 71.5, "winter"]]
    seen = checked(tmp_path, xlsx_file(header, rows, "data"), a_schema())
    assert seen.stored is None
    assert [(one.row, one.column) for one in seen.findings if one.severity == "error"] == [(2, "language")]


async def test_an_upload_that_breaks_off_leaves_nothing(client: httpx.AsyncClient, settings: Settings) -> None:
    cast = await a_cast()
    await agree(cast.pilot)
    await a_locked_plan(cast)
    await signed_in(client, cast.lead)
    written = await AuditEntry.count()
    whole = client.build_request(
        "POST", f"/pilots/{cast.pilot}/datasets", data=STATEMENT, files={"file": ("rows.csv", a_csv().encode())}
    )
    body = whole.read()
    for cut in (len(body) - 10, len(body) // 2, 200):
        headers = {**JSON, "content-type": whole.headers["content-type"]}
        answer = await client.post(whole.url, content=body[:cut], headers=headers)
        assert answer.status_code == 400
    assert await Upload.count() == 0
    assert await AuditEntry.count() == written
    assert left_behind(settings.state) == []


async def test_what_is_too_large_or_of_unstated_size_is_refused_unread(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    await signed_in(client, cast.lead)
    address = f"/pilots/{cast.pilot}/datasets"
    read = 0

    async def endless() -> Any:
        nonlocal read
        for _ in range(1_000):
            read += 1
            yield b"x" * 1_000

    form = {**JSON, "content-type": "multipart/form-data; boundary=b"}
    assert (await client.post(address, content=endless(), headers=form)).status_code == 400
    assert read <= 1_000
    stated = {**form, "content-length": str(10**12)}
    assert (await client.post(address, content=b"x", headers=stated)).status_code == 413


async def test_a_cpr_number_in_a_file_leaves_nothing_anywhere(
    client: httpx.AsyncClient, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    cast = await a_cast()
    await agree(cast.pilot)
    await a_locked_plan(cast)
    await signed_in(client, cast.lead)
    files = {"file": ("rows.csv", a_csv(season="010101-1234").encode())}
    answer = await client.post(f"/pilots/{cast.pilot}/datasets", data=STATEMENT, files=files, headers=JSON)
    assert answer.status_code == 201, answer.text
    await work_off(settings.state)
    told = await client.get(f"/uploads/{answer.json()['id']}", headers=JSON)
    assert told.json()["state"] == "refused"
    shown = await client.get(f"/uploads/{answer.json()['id']}", headers={"accept": "text/html"})
    assert "1234" not in told.text.replace(told.json()["sha256"], "") + re.sub(r"[0-9a-f]{10,}", "", shown.text)
    assert await DatasetVersion.count() == 0
    assert left_behind(settings.state) == []
    assert "010101" not in "".join(capfd.readouterr())
    for table in (Upload, AuditEntry):
        assert "010101-1234" not in str(await table.select())
