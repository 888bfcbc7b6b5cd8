import pytest

from effects import civil_numbers
from registry.kit.cpr import looks_like_cpr


@pytest.mark.parametrize(("text", "found"), [("010101-1234", True), ("cluster 0101", False)])
def test_the_registry_and_the_library_find_the_same_numbers(text: str, found: bool) -> None:
    assert looks_like_cpr(text) is civil_numbers.looks_like_cpr(text) is found
