"""The file of a backup: a plain tar whose every byte is determined, so that no changed one goes unnoticed.

`tar -tf` and `tar -xf` read it. Members follow one another with no time, owner or mode of their own; the first says
what the file is, and each may be written before its size is known, because its header is written again afterwards.
"""

import hashlib
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

CHUNK: Final = 1 << 20
BLOCK: Final = 512
MARK: Final = "virkning-backup"
END: Final = bytes(2 * BLOCK)


@dataclass(frozen=True, slots=True)
class Member:
    """A file within the archive: where its bytes begin, how many, and their sha256."""

    name: str
    start: int
    size: int
    sha256: str


class Writer:
    """Writes members one after another to a file that can be gone back in."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def add(self, name: str, chunks: Iterable[bytes]) -> Member:
        """Append a member."""
        member = self.begin(name)
        for chunk in chunks:
            member.write(chunk)
        return member.finish()

    def begin(self, name: str) -> "Growing":
        """A member to be written to until it is finished. Raises ValueError for a name that is too long."""
        return Growing(self._stream, name)

    def end(self) -> None:
        """Close the archive; the file stays open."""
        self._stream.write(END)


class Growing:
    """A member of which not all is written yet."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name = stream, name
        self._header = stream.tell()
        self._digest = hashlib.sha256()
        stream.write(header(name, 0))

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        self._stream.write(chunk)
        self._digest.update(chunk)

    def finish(self) -> Member:
        """Fill up the last block and state the size in the header."""
        start = self._header + BLOCK
        size = self._stream.tell() - start
        self._stream.write(bytes(-size % BLOCK))
        self._stream.seek(self._header)
        self._stream.write(header(self._name, size))
        self._stream.seek(0, 2)
        return Member(self._name, start, size, self._digest.hexdigest())


def header(name: str, size: int) -> bytes:
    """The one block before a member. Raises ValueError for a name that takes more."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    block = info.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")
    if len(block) != BLOCK:
        raise ValueError(f"{name} is too long a name")
    return block


def members(path: Path, wrong: Callable[[str], None]) -> Iterator[Member]:
    """Every member, read and hashed once; `wrong` is told of whatever is not as `Writer` writes it."""
    with path.open("rb") as stream:
        total = path.stat().st_size
        while (at := stream.tell()) + BLOCK <= total:
            block = stream.read(BLOCK)
            if block == bytes(BLOCK):
                if block + stream.read() != END:
                    wrong(f"more follows behind its end, at byte {at}")
                return
            info = _info(block)
            if info is None or stream.tell() + info.size > total:
                break
            if trouble := _strange(info, block):
                wrong(f"{info.name!r} at byte {at} {trouble}")
            start, digest = stream.tell(), hashlib.sha256()
            for chunk in window(stream, start, info.size):
                digest.update(chunk)
            if any(stream.read(-info.size % BLOCK)):
                wrong(f"{info.name!r} is followed by bytes that are not its own")
            yield Member(info.name, start, info.size, digest.hexdigest())
        wrong(f"it is cut off or overwritten from byte {at} on")


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The rest of a file in pieces."""
    while chunk := stream.read(CHUNK):
        yield chunk


def window(stream: BinaryIO, start: int, size: int) -> Iterator[bytes]:
    """The bytes of a member in pieces. Leaves the stream behind the last."""
    stream.seek(start)
    while size > 0 and (chunk := stream.read(min(CHUNK, size))):
        size -= len(chunk)
        yield chunk


def lines(stream: BinaryIO, member: Member) -> Iterator[bytes]:
    """The lines of a member, each without its end."""
    rest = b""
    for chunk in window(stream, member.start, member.size):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _info(block: bytes) -> tarfile.TarInfo | None:
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError):
        return None


def _strange(info: tarfile.TarInfo, block: bytes) -> str:
    """What is wrong with a header that can be read; empty when nothing is."""
    if not info.isreg():
        return "is a link or no file at all"
    if info.name.startswith("/") or ".." in info.name.split("/"):
        return "leads out of the archive"
    try:
        same = header(info.name, info.size) == block
    except ValueError:
        same = False
    return "" if same else "has a header that was altered"
