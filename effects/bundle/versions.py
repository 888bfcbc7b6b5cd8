"""The versions that figures depend on, read without loading any of the libraries."""

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Final

from effects.version import EFFECTS_VERSION

LIBRARIES: Final = ("numpy", "scipy")


@cache
def versions_here() -> Mapping[str, str]:
    """What figures depend on here beside the rule set, which every advice names."""
    return {
        "effects": EFFECTS_VERSION,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        **{name: version(name) for name in LIBRARIES},
    }
