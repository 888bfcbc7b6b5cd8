"""What is synthesised: one estimate and its sampling variance from each study."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from effects.errors import DataError, Finding
from effects.rows.columns import Numbers

LARGEST: Final = 1e50
"""No number may be larger, no variance smaller than one over it."""
MOST: Final = 2_000
"""Studies; memory grows with the square of their number."""
FARTHEST: Final = 1e10
"""No variance may be this many times another, no difference of estimates as many times their smallest error."""


@dataclass(frozen=True, slots=True)
class Studies:
    """k studies of one effect in one unit; every sequence has length k, in the same order.

    `variances` are squared standard errors, taken as known. `clusters` name the third level (the municipality),
    `dates` are years or ISO dates. A moderator holds numbers, or texts that form subgroups. Raises DataError with every
    finding: no study, unequal lengths, numbers beyond measure or too far apart, variances not positive, repeated names.
    """

    names: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    clusters: tuple[str, ...] | None = None
    dates: tuple[str, ...] | None = None
    moderators: Mapping[str, Sequence[float] | Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what a caller may get wrong."""
        findings = [*_lengths(self), *_numbers(self), *repeated(self.names)]
        findings = findings or _too_far_apart(self.y, self.v) or _too_many(self)
        if findings:
            raise DataError(findings)

    def __len__(self) -> int:
        """How many studies."""
        return len(self.names)

    @property
    def y(self) -> Numbers:
        """The estimates (k,)."""
        return np.array(self.estimates, dtype=np.float64)

    @property
    def v(self) -> Numbers:
        """Their sampling variances (k,)."""
        return np.array(self.variances, dtype=np.float64)

    def some(self, places: Sequence[int]) -> "Studies":
        """The studies at these places, in this order, without moderators."""
        return replace(
            self,
            names=tuple(self.names[place] for place in places),
            estimates=tuple(self.estimates[place] for place in places),
            variances=tuple(self.variances[place] for place in places),
            clusters=None if self.clusters is None else tuple(self.clusters[place] for place in places),
            dates=None if self.dates is None else tuple(self.dates[place] for place in places),
            moderators={},
        )


def repeated(names: Sequence[str]) -> list[Finding]:
    """A finding for each name that several studies bear."""
    return [
        Finding(
            where="study",
            code="repeated_study",
            message="Several rows are study {study}.",
            remedy="Give each study one row and a name of its own; several of one place share a cluster.",
            params={"study": name},
        )
        for name, rows in sorted(Counter(names).items())
        if rows > 1
    ]


def not_positive(row: int) -> Finding:
    """The variance in this row (counted from 1) is not positive."""
    return Finding(
        where="vi",
        code="not_positive",
        message="A sampling variance must be positive.",
        remedy="vi is the square of the standard error; a study without an error cannot be weighed.",
        row=row,
        column="vi",
    )


def no_study() -> Finding:
    """There is nothing to synthesise."""
    return Finding("study", "no_study", "There is no study.", "Write one row for each study.")


def _lengths(studies: Studies) -> list[Finding]:
    count = len(studies.names)
    stated: dict[str, Sequence[object] | None] = {
        "yi": studies.estimates,
        "vi": studies.variances,
        "cluster": studies.clusters,
        "date": studies.dates,
        **studies.moderators,
    }
    return [
        *([] if count else [no_study()]),
        *(
            Finding(
                where=name,
                code="unequal_length",
                message="There are {found} values of {column} for {studies} studies.",
                remedy="Give one value to each study.",
                params={"found": len(values), "column": name, "studies": count},
            )
            for name, values in stated.items()
            if values is not None and len(values) != count
        ),
    ]


def _numbers(studies: Studies) -> list[Finding]:
    stated: dict[str, Sequence[object]] = {"yi": studies.estimates, "vi": studies.variances, **studies.moderators}
    endless = [
        _beyond_measure(name, row)
        for name, values in stated.items()
        for row, value in enumerate(values, start=1)
        if isinstance(value, float) and not (math.isfinite(value) and abs(value) <= LARGEST)
    ]
    variances = list(enumerate(studies.variances, start=1))
    tiny = [_beyond_measure("vi", row) for row, value in variances if 0.0 < value < 1.0 / LARGEST]
    return [*endless, *tiny, *(not_positive(row) for row, value in variances if value <= 0.0)]


def _too_far_apart(estimates: Numbers, variances: Numbers) -> list[Finding]:
    smallest = float(np.min(variances))
    apart = max(float(np.max(variances)), float(np.ptp(estimates)) ** 2 / FARTHEST)
    if apart <= FARTHEST * smallest:
        return []
    return [
        Finding(
            where="vi",
            code="too_far_apart",
            message="Variances, or estimates measured in their errors, lie too many powers of ten apart.",
            remedy="Check whether all rows are in one unit, and whether vi is the square of the standard error.",
        )
    ]


def _too_many(studies: Studies) -> list[Finding]:
    if len(studies.names) <= MOST:
        return []
    return [
        Finding(
            where="study",
            code="too_many_studies",
            message="There are {studies} studies; at most {most} are synthesised at once.",
            remedy="Pool those of one place first.",
            params={"studies": len(studies.names), "most": MOST},
        )
    ]


def _beyond_measure(name: str, row: int) -> Finding:
    return Finding(
        where=name,
        code="beyond_measure",
        message="The number is no number, or too large or too small to compute with.",
        remedy="Choose a unit in which estimates are neither huge nor tiny.",
        row=row,
        column=name,
    )
