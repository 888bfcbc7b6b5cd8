"""What must be equal for equal bytes, by name."""

from importlib.metadata import version

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
