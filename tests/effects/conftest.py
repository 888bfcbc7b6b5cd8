"""Plans and data that several tests share; every random number comes from a stated seed."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from effects.plan import AnalysisPlan

settings.register_profile("steady", deadline=None)  # a slow machine is not a failure
settings.load_profile("steady")

REFERENCE = Path(__file__).parents[3] / "shared" / "data" / "reference"

ROLES = {
    "individual_randomised": {"treated": "treated"},
    "cluster_randomised": {"treated": "treated", "cluster": "school"},
    "stepped_wedge": {"treated": "treated", "unit": "site", "period": "month"},
    "two_period_did": {"treated": "treated", "unit": "site", "period": "month"},
    "staggered_adoption": {"unit": "site", "period": "month", "first_treated": "start"},
    "interrupted_time_series": {"period": "month", "start": 5},
    "controlled_interrupted_time_series": {"period": "month", "start": 5, "group": "treated"},
    "matched_comparison": {"treated": "treated"},
    "synthetic_control": {"unit": "site", "period": "month", "treated": "treated"},
    "before_after": {"unit": "site", "treated": "treated"},
    "survey_before_after": {},
}
ESTIMANDS = {"individual_randomised": "itt", "cluster_randomised": "itt", "stepped_wedge": "itt"}

Mapping = dict[str, object]


@pytest.fixture
def reference() -> Path:
    """Folder of outside numbers; it lies beside the repository and is never part of it."""
    if not REFERENCE.is_dir():
        pytest.skip(f"NOT CHECKED against outside numbers: {REFERENCE} is absent")
    return REFERENCE


@pytest.fixture
def stated() -> Callable[..., Mapping]:
    """Builds the mapping of a plan for a design; keyword arguments replace or add sections."""

    def build(design: str = "individual_randomised", **sections: object) -> Mapping:
        mapping: Mapping = {
            "schema": "virkning-plan/1",
            "title": "A pilot",
            "design": design,
            "estimand": ESTIMANDS.get(design, "att"),
            "data": deepcopy(ROLES[design]),
            "outcome": [outcome("y")],
        }
        if design == "survey_before_after":
            mapping["survey"] = {"wave": "wave"}
        return {**mapping, **sections}

    return build


@pytest.fixture
def plan_for(stated: Callable[..., Mapping]) -> Callable[..., AnalysisPlan]:
    """Builds a checked plan in the same way."""
    return lambda *design, **sections: AnalysisPlan.from_mapping(stated(*design, **sections))


@pytest.fixture
def indicator() -> Callable[..., Mapping]:
    """Builds one outcome table."""
    return outcome


def outcome(column: str, **keys: object) -> Mapping:
    return {
        "column": column,
        "role": "primary",
        "domain": "citizen",
        "better": "higher",
        "minimal_important": 0.5,
        **keys,
    }


@pytest.fixture
def trial() -> pd.DataFrame:
    """Eighty individually randomised people, true effect 1."""
    random = np.random.Generator(np.random.PCG64(7))
    people = 80
    treated = random.permutation(np.repeat([0, 1], people // 2))
    age = random.normal(50, 10, people)
    return pd.DataFrame(
        {
            "person": np.arange(people),
            "treated": treated,
            "age": age,
            "size": np.where(random.random(people) < 0.5, "large", "small"),
            "y": 1.0 * treated + 0.05 * age + random.normal(0, 1, people),
        }
    )


@pytest.fixture
def schools() -> pd.DataFrame:
    """Twelve schools of unequal size, six of them treated, true effect 1."""
    random = np.random.Generator(np.random.PCG64(11))
    sizes = random.integers(4, 12, 12)
    school = np.repeat(np.arange(12), sizes)
    treated = (school % 2 == 0).astype(int)
    shared = random.normal(0, 0.5, 12)[school]
    return pd.DataFrame(
        {
            "school": school,
            "pair": school // 2,
            "treated": treated,
            "score": random.normal(0, 1, len(school)),
            "w": random.integers(1, 9, len(school)),
            "y": treated + shared + random.normal(0, 1, len(school)),
        }
    )


@pytest.fixture
def wedge() -> pd.DataFrame:
    """Nine sites over eight months, three sequences, true effect 1, people behind each cell."""
    random = np.random.Generator(np.random.PCG64(13))
    site, month = np.repeat(np.arange(9), 8), np.tile(np.arange(8), 9)
    treated = (month >= 2 + 2 * (site % 3)).astype(int)
    return pd.DataFrame(
        {
            "site": site,
            "month": month,
            "treated": treated,
            "people": random.integers(5, 60, 72),
            "kind": np.where(site < 4, "rural", "urban"),
            "y": treated + random.normal(0, 1, 9)[site] + 0.2 * month + random.normal(0, 1, 72),
        }
    )
