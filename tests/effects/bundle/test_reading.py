"""A bundle is read within limits, and everything that is wrong with it is said at once."""

import os
import stat
import warnings
import zipfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.bundle.parts import MANIFEST, METADATA
from effects.bundle.reading import LARGEST, LONGEST_NAME, MOST_FILES, BundleError, open_bundle
from effects.bundle.verification import verify
from effects.bundle.writing import EPOCH
from tests.effects.bundle.story import a_zip, the_files, the_zip


def refused(path: Path) -> list[str]:
    with pytest.raises(BundleError) as caught:
        open_bundle(path)
    assert all(finding.text() for finding in caught.value.findings)
    return [finding.code for finding in caught.value.findings]


def with_entries(folder: Path, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    """The bundle with further entries, whatever they are called."""
    path = a_zip(the_files(), folder)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # that a name stands twice
        for name, content in entries:
            archive.writestr(name, content)
    return path


def test_a_zip_and_its_folder_are_the_same_bundle(tmp_path: Path) -> None:
    path = a_zip(the_files(), tmp_path)
    opened = open_bundle(path)
    assert (opened.files, opened.sha256) == (the_files(), sha256(path.read_bytes()).hexdigest())
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    unpacked = open_bundle(folder)
    assert (unpacked.files, unpacked.sha256) == (the_files(), None)
    assert unpacked.manifest == opened.manifest and unpacked.metadata == opened.metadata


@pytest.mark.parametrize("reverse", [False, True])
def test_a_bundle_that_was_unpacked_and_zipped_again_agrees_whatever_its_order(tmp_path: Path, reverse: bool) -> None:
    path = tmp_path / "again.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("pilots")
        for name in sorted(the_files(), reverse=reverse):
            archive.writestr(name, the_files()[name])
    report = verify(open_bundle(path))
    assert report.findings() == []
    assert [file.file for file in report.files] == list(the_files())


@pytest.mark.parametrize("content", [b"", b"PK", b"schema = 3", b"PK\x05\x06" + bytes(18) + b"x"])
def test_what_is_no_zip_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(content)
    assert refused(path) in (["not_a_zip"], ["missing_file", "missing_file"])


def test_a_zip_that_is_cut_or_damaged_is_said(tmp_path: Path) -> None:
    path = a_zip(the_files(), tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert refused(path) == ["not_a_zip"]
    path.write_bytes(content[:200] + b"\0" + content[201:])
    assert refused(path) == ["not_a_zip"]


@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4), st.booleans()
)
def test_bytes_that_are_changed_anywhere_are_refused_or_leave_the_files_as_they_are_or_differ(
    changes: list[tuple[float, int]], in_the_directory: bool
) -> None:
    """Never anything else: no fault, and no other files under the same hash."""
    content = bytearray(the_zip())
    start = content.index(b"PK\x01\x02") if in_the_directory else 0
    for share, byte in changes:
        content[start + int(share * (len(content) - start))] = byte
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bundle.zip"
        path.write_bytes(content)
        try:
            opened = open_bundle(path)
        except BundleError as error:
            assert error.findings
            return
    assert opened.files == the_files() or not verify(opened).agrees


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.zip") == ["no_such_file"]


@pytest.mark.parametrize(
    "name", ["../out.json", "/etc/out", "a/../../b", "c:\\x", "a\\b", "./a", "a//b", "x" * (LONGEST_NAME + 1), "a\nb"]
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    assert refused(with_entries(tmp_path, (name, b"x"))) == ["unsafe_name"]


@pytest.mark.parametrize("names", [("case.toml",), ("CASE.TOML",), ("extra", "Extra")])
def test_a_name_that_stands_twice_is_refused_whatever_its_letters(tmp_path: Path, names: Sequence[str]) -> None:
    assert refused(with_entries(tmp_path, *((name, b"x") for name in names))) == ["repeated_file"]


def test_a_link_is_refused_in_a_zip_and_in_a_folder(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link", EPOCH)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refused(with_entries(tmp_path, (link, b"/etc/passwd"))) == ["not_a_file"]
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    assert refused(folder) == ["not_a_file", "not_a_file"]


def test_what_unpacks_to_far_more_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    assert refused(with_entries(tmp_path, ("bomb", bytes(3_000_000)))) == ["packed_too_tightly"]


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    many = [(f"file{number}", b"") for number in range(MOST_FILES)]
    assert refused(with_entries(tmp_path, *many)) == ["too_large"]


def test_a_size_that_is_stated_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = a_zip(the_files(), tmp_path)
    content = path.read_bytes()
    directory = content.rindex(b"PK\x01\x02")
    stated = (LARGEST + 1).to_bytes(4, "little")
    path.write_bytes(content[: directory + 24] + stated + content[directory + 28 :])
    assert "too_large" in refused(path)


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    path = a_zip(the_files(), tmp_path)
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(bytes(content))
    assert refused(path) == ["encrypted"]


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    assert refused(with_entries(tmp_path, ("../a", b""), ("case.toml", b""), ("bomb", bytes(3_000_000)))) == [
        "unsafe_name",
        "repeated_file",
        "packed_too_tightly",
    ]


@pytest.mark.parametrize("name", [METADATA, MANIFEST])
def test_metadata_and_manifest_must_be_there_and_be_records(tmp_path: Path, name: str) -> None:
    rest = {other: content for other, content in the_files().items() if other != name}
    assert refused(a_zip(rest, tmp_path)) == ["missing_file"]
    for content, code in ((b"{", "unreadable"), (b"[]", "not_a_record"), (b'{"a": 1, "a": 1}', "unreadable")):
        assert refused(a_zip({**rest, name: content}, tmp_path)) == [code]


def test_another_schema_is_refused_by_its_name(tmp_path: Path) -> None:
    changed = the_files()[MANIFEST].replace(b"virkning-bundle/1", b"virkning-bundle/9")
    with pytest.raises(BundleError, match="virkning-bundle/9"):
        open_bundle(a_zip({**the_files(), MANIFEST: changed}, tmp_path))
