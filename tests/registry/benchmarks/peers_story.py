"""Peers are installed only where somebody measures; what holds in any case."""

from registry.benchmarks.child import REMEDY
from registry.benchmarks.readings import Absent, Outcome


def measured_or_missing(outcome: Outcome, package: str) -> bool:
    """Whether there is a reading, or it is said which package is missing and how to install it."""
    return not isinstance(outcome, Absent) or outcome.reason == REMEDY.format(package=package)
