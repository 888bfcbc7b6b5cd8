"""A tar that other programmes read, and of which no byte can change unnoticed."""

import io
import subprocess
import tarfile
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.backup.archive import BLOCK, CHUNK, END, MARK, Member, Writer, chunks, header, lines, members, window

LARGE = b"0123456789" * (CHUNK // 4)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "x.backup"
    with path.open("wb") as stream:
        writer = Writer(stream)
        writer.add(MARK, [b"1\n"])
        growing = writer.begin("tables/job.jsonl")
        for text in (b"[1]\n", b"[2]\n"):
            growing.write(text)
        growing.finish()
        writer.add("datasets/large", chunks(io.BytesIO(LARGE)))
        writer.add("empty", [])
        writer.end()
    return path


def read(path: Path) -> tuple[list[Member], list[str]]:
    wrong: list[str] = []
    return list(members(path, wrong.append)), wrong


def test_members_come_back_with_their_sizes_and_hashes(archive: Path) -> None:
    found, wrong = read(archive)
    assert wrong == []
    assert [(one.name, one.size) for one in found] == [
        (MARK, 2),
        ("tables/job.jsonl", 8),
        ("datasets/large", len(LARGE)),
        ("empty", 0),
    ]
    assert found[2].sha256 == sha256(LARGE).hexdigest()
    with archive.open("rb") as stream:
        assert b"".join(window(stream, found[2].start, found[2].size)) == LARGE
        assert list(lines(stream, found[1])) == [b"[1]", b"[2]"]
        assert list(lines(stream, found[3])) == []


def test_a_line_longer_than_a_piece_is_one_line(tmp_path: Path) -> None:
    path, text = tmp_path / "x", b"a" * (2 * CHUNK + 5)
    with path.open("wb") as stream:
        Writer(stream).add("long", [text, b"\nb\nlast"])
    (member,) = members(path, lambda _: None)
    with path.open("rb") as stream:
        assert list(lines(stream, member)) == [text, b"b", b"last"]


def test_it_is_a_tar_for_everybody_else(archive: Path) -> None:
    listed = subprocess.run(["tar", "-tf", str(archive)], capture_output=True, text=True, check=True).stdout
    assert listed.split() == [MARK, "tables/job.jsonl", "datasets/large", "empty"]
    with tarfile.open(archive) as opened:
        assert {(one.mode, one.mtime, one.uid) for one in opened} == {(0o600, 0, 0)}


def test_every_changed_byte_outside_the_contents_is_noticed(archive: Path) -> None:
    whole = archive.read_bytes()
    found, _ = read(archive)
    inside = {at for one in found for at in range(one.start, one.start + one.size)}
    places = [at for at in range(0, 4 * BLOCK, 7) if at not in inside] + [*range(len(whole) - len(END), len(whole), 97)]
    for at in places:
        archive.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert read(archive) != (found, []), at


@pytest.mark.parametrize("left", [1, 600, 1500, 5000])
def test_an_archive_that_is_cut_off_is_said_to_be(archive: Path, left: int) -> None:
    archive.write_bytes(archive.read_bytes()[:left])
    assert [text.split(" from")[0] for text in read(archive)[1]] == ["it is cut off or overwritten"]


def test_what_follows_the_end_is_said(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes() + b"more")
    assert "more follows behind its end" in read(archive)[1][0]


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("datasets/x", tarfile.SYMTYPE, "is a link or no file at all"),
        ("datasets/x", tarfile.LNKTYPE, "is a link or no file at all"),
        ("datasets/x", tarfile.CHRTYPE, "is a link or no file at all"),
        ("../x", tarfile.REGTYPE, "leads out of the archive"),
        ("/etc/x", tarfile.REGTYPE, "leads out of the archive"),
    ],
)
def test_links_and_paths_out_are_named(tmp_path: Path, name: str, kind: bytes, said: str) -> None:
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as made:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd"
        made.addfile(info)
    assert any(said in text for text in read(path)[1])


def test_a_header_with_an_owner_is_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as made:
        info = tarfile.TarInfo("x")
        info.uid = 1000
        made.addfile(info)
    assert "has a header that was altered" in read(path)[1][0]


def test_a_name_takes_one_block_and_a_size_may_be_beyond_eight_gigabytes() -> None:
    assert tarfile.TarInfo.frombuf(header("x", 2**40), "utf-8", "strict").size == 2**40
    with pytest.raises(ValueError, match="too long"):
        header("x" * 101, 1)


@given(some.lists(some.tuples(some.from_regex(r"[a-z]{1,20}/[a-zæ0-9_.-]{1,20}", fullmatch=True), some.binary())))
def test_any_members_come_back(contents: list[tuple[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        with path.open("wb") as stream:
            writer = Writer(stream)
            written = [writer.add(name, [content]) for name, content in contents]
            writer.end()
        assert read(path) == (written, [])
        assert path.stat().st_size % BLOCK == 0
        with path.open("rb") as stream:
            assert [b"".join(window(stream, one.start, one.size)) for one in written] == [text for _, text in contents]
