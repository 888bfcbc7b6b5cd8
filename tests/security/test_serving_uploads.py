"""Large uploads against a server process of its own."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from registry.audit.tables import AuditEntry
from registry.datasets.tables import Upload
from registry.settings import MEGABYTE, Settings
from tests.conftest import carrying_token
from tests.registry.datasets.story import a_csv, left_behind
from tests.registry.people.story import signed_in
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, agree
from tests.security.routes import STATEMENT

JSON = {"accept": "application/json"}
SENT = 60 * MEGABYTE
GROWTH = 30 * MEGABYTE
"""What a server may grow by, however large the file."""


@dataclass(frozen=True)
class Server:
    """A server process and a client that is signed in to it."""

    pid: int
    client: httpx.AsyncClient

    @property
    def peak(self) -> int:
        """Bytes of memory the process has had at most."""
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert found
        return int(found[1]) * 1024


@asynccontextmanager
async def serving(settings: Settings, cast: Cast) -> AsyncIterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, **replace(settings, port=port).environment()}
    call = [sys.executable, "-m", "registry.cli", "serve"]
    with subprocess.Popen(call, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
                carrying_token(client, settings)
                await signed_in(client, cast.lead)
                await answering(client, process)
                yield Server(process.pid, client)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


async def answering(client: httpx.AsyncClient, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            assert (await client.get("/health")).status_code == 200
        except httpx.ConnectError:
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


async def a_cast_with_a_plan() -> Cast:
    cast = await a_cast()
    await agree(cast.pilot)
    await a_locked_plan(cast)
    return cast


def a_large_file(folder: Path) -> Path:
    path, block = folder / "large.csv", a_csv(areas=1_000, weeks=10).encode()
    with path.open("wb") as file:
        while file.tell() < SENT:
            file.write(block)
    return path


async def test_a_large_upload_leaves_the_server_small_and_other_pages_answering(
    database: object, database_url: str, settings: Settings, tmp_path: Path
) -> None:
    assert database
    cast = await a_cast_with_a_plan()
    settings = replace(settings, upload_limit=2 * SENT, database_url=database_url)
    read = 0
    async with serving(settings, cast) as server:
        before = server.peak
        with a_large_file(tmp_path).open("rb") as file:
            sending = asyncio.create_task(
                server.client.post(
                    f"/pilots/{cast.pilot}/datasets", data=STATEMENT, files={"file": ("rows.csv", file)}, headers=JSON
                )
            )
            while not sending.done():
                assert (await server.client.get("/pilots", headers=JSON)).status_code == 200
                read += 1
            answer = await sending
        assert answer.status_code == 201, answer.text
        assert answer.json()["size"] >= SENT
        assert server.peak < before + GROWTH
    assert read > 1
    assert [path.stat().st_size for path in (settings.state / "uploads").iterdir()] == [answer.json()["size"]]


async def test_a_large_upload_cut_off_half_way_leaves_no_row_and_no_file(
    database: object, database_url: str, settings: Settings
) -> None:
    assert database
    settings = replace(settings, database_url=database_url)
    cast = await a_cast_with_a_plan()
    written = await AuditEntry.count()
    async with serving(settings, cast) as server:
        whole = server.client.build_request(
            "POST", f"/pilots/{cast.pilot}/datasets", data=STATEMENT, files={"file": ("rows.csv", bytes(20 * MEGABYTE))}
        )
        body = whole.read()

        async def half() -> AsyncIterator[bytes]:
            for start in range(0, len(body) // 2, MEGABYTE):
                yield body[start : start + MEGABYTE]
            raise ConnectionError

        headers = {"content-type": whole.headers["content-type"], "content-length": str(len(body))}
        with suppress(ConnectionError):
            await server.client.post(whole.url, content=half(), headers=headers)
        assert (await server.client.get("/pilots", headers=JSON)).status_code == 200
    assert await Upload.count() == 0
    assert await AuditEntry.count() == written
    assert left_behind(settings.state) == []
