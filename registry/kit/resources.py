"""Files that ship with the code: the same call finds them in a checkout and in an installed wheel."""

from pathlib import Path

import registry

_PACKAGE = Path(registry.__file__).parent


def folder(name: str) -> Path:
    """`templates`, `migrations` or `seeds`. Raises FileNotFoundError when the installation lacks it."""
    for candidate in (_PACKAGE / "resources" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the installation has no folder {name!r}")


def static() -> Path:
    """The built browser assets; empty until `make assets` has run."""
    return _PACKAGE / "static"
