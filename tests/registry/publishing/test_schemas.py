import msgspec

from effects.message import Message
from registry.publishing.schemas import BundleView, FileView

ABOUT = {"recommendation_id": 1, "technology_name": "Sensors", "simulated": False}


def test_a_bundle_without_files_is_not_for_the_reader() -> None:
    assert not BundleView(**ABOUT).complete
    assert BundleView(**ABOUT, files=(FileView("case.toml", Message("Case"), Message("Facts"), 3),)).complete


def test_the_json_says_every_file_with_its_size() -> None:
    view = BundleView(**ABOUT, files=(FileView("case.toml", Message("Case"), Message("Facts"), 3),))
    assert msgspec.json.decode(msgspec.json.encode(view))["files"][0]["size"] == 3
