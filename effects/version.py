"""The version of the effects library; part of the identity of every run."""

from typing import Final

EFFECTS_VERSION: Final = "0.1.0"
