import re

from effects.version import EFFECTS_VERSION


def test_the_version_is_three_numbers() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", EFFECTS_VERSION)
