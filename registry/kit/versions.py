"""What must be equal on two machines for them to compute the same bytes."""

import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Final

import numpy as np
from threadpoolctl import threadpool_info

from effects.version import EFFECTS_VERSION

PACKAGES: Final = ("numpy", "scipy", "pandas", "duckdb")


@cache
def versions() -> dict[str, str]:
    """Of this process: the effects library, Python, the packages it computes with, and the kernel of numpy's BLAS.

    The kernel is chosen by the processor; machines of different kinds add in different orders.
    """
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    packages = {name: version(name) for name in PACKAGES}
    return {"effects": EFFECTS_VERSION, "python": python, **packages, "blas": _kernel()}


def differing(found: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    """What is found in place of what is wanted, by name; empty where all is equal."""
    pairs = [(name, found.get(name, "none"), wish) for name, wish in wanted.items()]
    return ", ".join(f"{name} {here} ({wish})" for name, here, wish in pairs if here != wish)


def _kernel() -> str:
    np.eye(1)  # loads it; other packages bring libraries of their own, which compute none of our sums
    libraries = [info for info in threadpool_info() if info["user_api"] == "blas" and "numpy" in info["filepath"]]
    return "+".join(sorted({str(info.get("architecture", info["prefix"])) for info in libraries}))
