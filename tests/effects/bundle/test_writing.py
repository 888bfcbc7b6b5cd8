"""The same parts are the same bytes."""

import zipfile
from io import BytesIO

from effects.bundle.parts import MANIFEST, METADATA
from effects.bundle.writing import EPOCH, files_of, write_bundle
from tests.effects.bundle.story import the_files, the_parts


def test_a_bundle_is_the_same_bytes_however_often_it_is_written() -> None:
    assert write_bundle(the_parts()) == write_bundle(the_parts())


def test_order_times_and_rights_are_fixed_and_nothing_is_deflated() -> None:
    with zipfile.ZipFile(BytesIO(write_bundle(the_parts()))) as archive:
        entries = archive.infolist()
        assert {name: archive.read(name) for name in archive.namelist()} == the_files()
    assert [entry.filename for entry in entries][:2] == [METADATA, MANIFEST]
    assert {(entry.date_time, entry.compress_type, entry.external_attr, entry.create_system) for entry in entries} == {
        (EPOCH, zipfile.ZIP_STORED, 0o100644 << 16, 3)
    }


def test_parts_are_written_as_they_are() -> None:
    files = files_of(the_parts())
    assert files["pilots/1/result.json"] is the_parts().pilots[0].result
