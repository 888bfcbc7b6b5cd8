from collections.abc import Sequence

import pytest


@pytest.fixture
def slices() -> Sequence[str]:
    """People and audit stand alone: no later slice decides anything here."""
    return ("people", "audit")
