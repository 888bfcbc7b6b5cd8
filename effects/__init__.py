"""Effects of pilots: a plan and data in, estimates out. A pure library; nothing is imported before it is used."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Final

from effects.version import EFFECTS_VERSION

if TYPE_CHECKING:
    from effects.analyse import analyse
    from effects.errors import DataError, EffectsError, Finding, PlanError
    from effects.plan import AnalysisPlan
    from effects.results import AnalysisResult, Diagnostic, EffectEstimate, NotEstimable

__version__: Final = EFFECTS_VERSION

__all__ = [
    "AnalysisPlan",
    "AnalysisResult",
    "DataError",
    "Diagnostic",
    "EffectEstimate",
    "EffectsError",
    "Finding",
    "NotEstimable",
    "PlanError",
    "__version__",
    "analyse",
]

_HOME: Final = {
    "AnalysisPlan": "effects.plan",
    "AnalysisResult": "effects.results",
    "DataError": "effects.errors",
    "Diagnostic": "effects.results",
    "EffectEstimate": "effects.results",
    "EffectsError": "effects.errors",
    "Finding": "effects.errors",
    "NotEstimable": "effects.results",
    "PlanError": "effects.errors",
    "analyse": "effects.analyse",
}

_MODULES: Final = frozenset({"disclosure", "grading", "moments", "power", "recommendation", "simulate", "synthesis"})
"""Public by themselves: `effects.power` and the like need no import of their own."""


def __getattr__(name: str) -> object:
    """The public name from its own module; raises AttributeError for a name that is not public."""
    if name in _MODULES:
        return import_module(f"effects.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'effects' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


class _Package(ModuleType):
    """Keeps the public name `analyse` the function, although the import system binds the submodule to it."""

    def __setattr__(self, name: str, value: object) -> None:
        shadowing = isinstance(value, ModuleType) and _HOME.get(name) == value.__name__
        super().__setattr__(name, getattr(value, name) if shadowing else value)


sys.modules[__name__].__class__ = _Package
