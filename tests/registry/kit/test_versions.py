"""What must be equal for equal bytes, by name."""

from importlib.metadata import version

import pytest

from effects.version import EFFECTS_VERSION
from registry.kit.versions import PACKAGES, differing, versions


def test_everything_that_computes_is_named() -> None:
    found = versions()
    assert found["effects"] == EFFECTS_VERSION
    assert {name: found[name] for name in PACKAGES} == {name: version(name) for name in PACKAGES}
    assert found["python"].startswith("3.")
    assert found["blas"], "the kernel that numpy multiplies with"


def test_equal_versions_differ_in_nothing() -> None:
    assert differing(versions(), versions()) == ""


def test_what_differs_is_named_with_what_is_wanted_in_place_of_it() -> None:
    there = {**versions(), "numpy": "0.9"}
    del there["duckdb"]
    named = differing(there, versions())
    assert f"numpy 0.9 ({version('numpy')})" in named
    assert f"duckdb none ({version('duckdb')})" in named
    assert "scipy" not in named


def test_what_only_the_other_has_does_not_matter() -> None:
    assert differing({**versions(), "pyfixest": "1"}, versions()) == ""


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"numpy": "2.1", "blas": "Zen"}, ""),
        ({"numpy": "2.0", "blas": "Zen"}, "numpy 2.0 (2.1)"),
        ({"numpy": "2.1", "blas": "Haswell"}, "blas Haswell (Zen)"),
        ({"blas": "Haswell", "numpy": "2.0"}, "numpy 2.0 (2.1), blas Haswell (Zen)"),
        ({"numpy": "2.1"}, "blas none (Zen)"),
        ({}, "numpy none (2.1), blas none (Zen)"),
        ({"numpy": "2.10", "blas": "Zen"}, "numpy 2.10 (2.1)"),
    ],
)
def test_differences_stand_in_the_order_of_what_is_wanted(found: dict[str, str], said: str) -> None:
    assert differing(found, {"numpy": "2.1", "blas": "Zen"}) == said


def test_the_version_of_python_is_told_as_far_as_it_changes_bytes() -> None:
    assert versions()["python"].count(".") == 1
    assert all(text == text.strip() != "" for text in versions().values())


def test_what_is_wanted_can_be_sent_and_read_by_anybody() -> None:
    """The asking process sends its own; a worker of another version must still be able to compare."""
    assert all(type(name) is str and type(text) is str for name, text in versions().items())
    assert versions() is versions(), "asked once: the kernel takes a while"
