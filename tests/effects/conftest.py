"""Plans and data that several tests share; every random number comes from a stated seed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from threadpoolctl import threadpool_limits

from effects.plan import AnalysisPlan
from tests.effects import designs

settings.register_profile("steady", settings.get_profile("steady"), max_examples=50)
settings.load_profile("steady")

REFERENCE = Path(__file__).parents[3] / "shared" / "data" / "reference"


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Linear algebra on small matrices by one thread, as in an analysis: several would only wait for each other."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture
def reference() -> Path:
    """Folder of outside numbers; it lies beside the repository and is never part of it."""
    if not REFERENCE.is_dir():
        pytest.skip(f"NOT CHECKED against outside numbers: {REFERENCE} is absent")
    return REFERENCE


@pytest.fixture(scope="session")
def stated() -> Callable[..., designs.Mapping]:
    """Builds the mapping of a plan for a design; keyword arguments replace or add sections."""
    return designs.stated


@pytest.fixture(scope="session")
def plan_for() -> Callable[..., AnalysisPlan]:
    """Builds a checked plan in the same way."""
    return designs.plan_for


@pytest.fixture(scope="session")
def indicator() -> Callable[..., designs.Mapping]:
    """Builds one outcome table."""
    return designs.outcome


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
