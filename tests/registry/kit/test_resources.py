"""Files that ship with the code."""

import pytest

from registry.kit.resources import folder, static


@pytest.mark.parametrize("name", ["templates", "migrations", "seeds"])
def test_a_checkout_has_every_folder_that_a_wheel_has(name: str) -> None:
    assert folder(name).is_dir()


def test_a_folder_that_does_not_ship_is_an_error() -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        folder("nothing")


def test_static_files_lie_inside_the_package_so_that_a_wheel_carries_them() -> None:
    assert static().parent.name == "registry"
