"""A simulated pilot of persons in municipalities over terms, as every authority would hold its part of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from effects.compression.files import to_bytes
from effects.federation.making import make
from effects.moments import Moments
from effects.plan import AnalysisPlan
from tests.effects.designs import outcome

ROLES: dict[str, object] = {"unit": "person", "period": "term", "cluster": "municipality", "treated": "treated"}


def pilot(
    municipalities: int = 6,
    people: int = 12,
    terms: int = 4,
    *,
    small: Mapping[int, int] | None = None,
    lost: float = 0.2,
    seed: int = 1,
) -> list[pd.DataFrame]:
    """The rows of each municipality; treatment starts in different terms, and some rows are missing.

    `small` gives the number of people of some municipalities. Every third starts in the same term.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    frames = []
    for place in range(municipalities):
        number = (small or {}).get(place, people)
        person, term = np.repeat(np.arange(number), terms), np.tile(np.arange(terms), number)
        treated = (term >= 1 + place % 3).astype(int)
        frame = pd.DataFrame(
            {
                "municipality": f"{101 + place:04d}",
                "person": [f"{place}-{one}" for one in person],
                "term": term,
                "treated": treated,
                "age": random.normal(size=len(term)).round(2),
                "rare": (person < 3).astype(int),
                "site": [f"{place}-{one % 3}" for one in person],
            }
        )
        own = random.normal(size=number).repeat(terms) + random.normal()
        frame["score"] = own + 0.1 * term + 0.3 * treated + 0.5 * frame["age"] + random.normal(size=len(term))
        frame["happy"] = (frame["score"] > 0.3).astype(int)
        frames.append(frame[random.uniform(size=len(term)) >= lost].reset_index(drop=True))
    return frames


def plan(
    error: str = "cr1", covariates: Sequence[str] = (), design: str = "stepped_wedge", **sections: object
) -> AnalysisPlan:
    """A plan for the pilot; sections replace those that stand here."""
    wedge: dict[str, object] = {"working_model": "fixed_effects", "fixed_effects": ["unit", "period"]}
    first = outcome("score", covariates=list(covariates)) if covariates else outcome("score")
    mapping = {
        "schema": "virkning-plan/1",
        "title": "A pilot of persons",
        "design": design,
        "estimand": "itt",
        "data": ROLES,
        "outcome": [first, {**outcome("happy"), "role": "secondary"}],
        "inference": {"standard_error": error},
        **({"model": wedge} if design == "stepped_wedge" else {}),
    }
    return AnalysisPlan.from_mapping(mapping | sections)


def csv(frame: pd.DataFrame, folder: Path, name: str = "rows") -> Path:
    """The rows as an authority keeps them."""
    path = folder / f"{name}.csv"
    frame.to_csv(path, index=False)
    return path


def made(frame: pd.DataFrame, folder: Path, stated: AnalysisPlan, authority: str = "") -> Moments:
    """The moments of some rows."""
    return make(stated, [csv(frame, folder, authority or "rows")], authority=authority)


def sent(frames: Sequence[pd.DataFrame], folder: Path, stated: AnalysisPlan) -> dict[str, bytes]:
    """The files of as many authorities, by name."""
    named = {f"a{place}": frame for place, frame in enumerate(frames)}
    return {f"{name}.moments": to_bytes(made(frame, folder, stated, name)) for name, frame in named.items()}


def counted(moments: Moments, people: float, least: float = 5.0) -> Moments:
    """The moments with as many people stated behind every cluster."""
    outcomes = []
    for one in moments.outcomes:
        size = len(one.grams.clusters)
        outcomes.append(replace(one, people_by_cluster=(people,) * size, least=(least,) * size))
    return replace(moments, outcomes=tuple(outcomes))
