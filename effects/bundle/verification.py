"""Verifying a bundle: every hash, every figure that two files share, and everything that can be worked out again."""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from effects.bundle.checked import FROM_THE_CASE, Checked, derived, indicators_of
from effects.bundle.differences import Difference, shown
from effects.bundle.documents import Unreadable, read_table
from effects.bundle.figures import in_the_pilots
from effects.bundle.hashes import described
from effects.bundle.parts import ADVICE, CASE, MANIFEST, METADATA, folder_of, in_order, parts_from
from effects.bundle.pilot_checks import checked_pilot
from effects.bundle.reading import Bundle
from effects.bundle.recomputing import advised, case_of
from effects.bundle.report import Report, Verdict, reported
from effects.bundle.versions import versions_here
from effects.bundle.worth import checked_worth
from effects.errors import EffectsError
from effects.message import Message

TOLERANCE: Final = 1e-9
"""Relative room for numbers where versions differ."""

LEVEL: Final = 0.95
"""Of an interval that does not state its own, as in the rules."""

FROM_THE_FILES: Final = Message("Worked out again from the other files.")
ANOTHER_CASE: Final = Message("Not worked out again: the case is not the one that the manifest names.")
THE_CASE: Final = Message("Its figures are those of the pilots' cases; the rest was stated by people.")

Studies = tuple[tuple[str, str, bytes], ...]
"""Of each pilot: the name of its study, its case file by name and to the byte."""


def verify(bundle: Bundle) -> Report:
    """Check a bundle against itself and against what this installation works out of it; needs no network.

    What is wrong comes before what follows from it, and hashes come last.
    """
    parts, here = parts_from(bundle.files, bundle.manifest), versions_here()
    exact = dict(parts.versions) == here
    tolerance = 0.0 if exact else TOLERANCE
    found: list[Difference] = []
    how = dict.fromkeys((METADATA, MANIFEST), (Verdict.RECOMPUTED, FROM_THE_FILES))
    studies = tuple((one.study, f"{folder_of(place)}/case.toml", one.case) for place, one in enumerate(parts.pilots))
    checks = [checked_pilot(place, pilot, tolerance) for place, pilot in enumerate(parts.pilots)]
    named = bundle.manifest.get("case_sha256") == sha256(parts.case).hexdigest()
    advice = _checked_advice(parts.advice if named else None, parts.case, studies, tolerance)
    for checked in (*checks, advice, checked_worth(parts, tolerance)):
        found.extend(checked.differences)
        how |= checked.how
    found.extend(described(bundle, parts))
    files, differences = reported(in_order(bundle.files, parts), how, found)
    return Report(bundle.sha256, parts.versions, here, exact, files, differences)


@lru_cache(maxsize=64)
def _checked_advice(advice: bytes | None, case: bytes, studies: Studies, tolerance: float) -> Checked:
    """What follows from the case; `advice` is None where the case is not the one it was drawn from, which is said."""
    checked = Checked()
    checked.told(CASE, Verdict.AGREES, THE_CASE)
    checked.told(ADVICE, Verdict.NOT_RECOMPUTABLE, ANOTHER_CASE)
    if advice is not None:
        checked.told(ADVICE, Verdict.RECOMPUTED, FROM_THE_CASE)
    checked.found(_counted(case, len(studies)))
    checked.found(_in_the_pilots(case, studies))
    if advice is not None:
        checked.found(derived(ADVICE, advice, CASE, case, advised, tolerance))
    return checked


def _in_the_pilots(case: bytes, studies: Studies) -> Iterator[Difference]:
    try:
        pilots = {study: (file, case_of(content).indicators) for study, file, content in studies}
    except EffectsError:
        return  # said where the grade of that case is worked out
    yield from in_the_pilots(CASE, indicators_of(case), pilots, LEVEL)


def _counted(case: bytes, pilots: int) -> Iterator[Difference]:
    try:
        portfolio: Any = read_table(case).get("portfolio")
    except Unreadable:
        return
    stated = portfolio.get("pilots") if isinstance(portfolio, dict) else None
    if stated is not None and stated != pilots:
        yield Difference(CASE, "portfolio.pilots", shown(stated), shown(pilots), MANIFEST)
