from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from effects.codes import Design
from effects.inference.assignment import possible
from effects.reassignment import (
    MIXED,
    MIXED_SEQUENCE,
    MIXED_STRATA,
    NO_UNITS,
    NOT_RANDOM,
    UNKNOWN_START,
    Redrawn,
    reassignment,
)
from effects.rows.samples import Sample

Places = NDArray[np.int64]


def sample(treated: Places, cluster: Places, period: Places | None = None) -> Sample:
    n = len(treated)
    return Sample(
        outcome=np.arange(n, dtype=float),
        treated=treated.astype(float),
        weights=np.ones(n),
        persons=None,
        unit=None,
        period=period,
        cluster=cluster,
        strata=None,
        covariates=np.empty((n, 0)),
        covariate_names=(),
        rows=np.arange(n),
    )


def wedge(starts: list[int], periods: int = 4) -> Sample:
    """One row for each cluster and period; a cluster is treated from its start."""
    cluster, period = np.repeat(np.arange(len(starts)), periods), np.tile(np.arange(periods), len(starts))
    return sample((period >= np.array(starts)[cluster]).astype(np.int64), cluster, period)


def without(drawn: Sample, gone: list[tuple[int, int]]) -> Sample:
    """The sample without some pairs of cluster and period."""
    assert drawn.cluster is not None
    assert drawn.period is not None
    kept = [pair not in gone for pair in zip(drawn.cluster.tolist(), drawn.period.tolist(), strict=True)]
    sequence = None if drawn.sequence is None else drawn.sequence[kept]
    fewer = sample(drawn.treated[kept].astype(np.int64), drawn.cluster[kept], drawn.period[kept])
    return replace(fewer, sequence=sequence)


def drawn_from(found: object) -> Redrawn:
    assert isinstance(found, Redrawn), found
    return found


def treatment(found: Redrawn) -> Places:
    """What the observed assignment gives each row."""
    paths = found.assignment.paths[found.assignment.observed[found.unit], found.period]
    return paths.astype(np.int64)


def test_people_are_shuffled_one_by_one_where_no_unit_is_stated() -> None:
    treated = np.array([0, 1, 1, 0, 0])
    found = drawn_from(reassignment(sample(treated, np.zeros(5, dtype=np.int64)), Design.INDIVIDUAL_RANDOMISED))
    assert found.assignment.observed.tolist() == found.assignment.observed[found.unit].tolist() == treated.tolist()
    assert possible(found.assignment) == 10


def test_people_seen_twice_are_one_unit() -> None:
    rows = replace(sample(np.array([0, 0, 1, 1, 0]), np.zeros(5, dtype=np.int64)), unit=np.array([0, 0, 1, 1, 2]))
    found = drawn_from(reassignment(rows, Design.INDIVIDUAL_RANDOMISED))
    assert found.assignment.observed.tolist() == [0, 1, 0]
    assert treatment(found).tolist() == [0, 0, 1, 1, 0]


def test_clusters_are_shuffled_within_strata() -> None:
    cluster = np.repeat(np.arange(6), 2)
    rows = replace(sample(cluster % 2, cluster), strata=cluster // 2)
    found = drawn_from(reassignment(rows, Design.CLUSTER_RANDOMISED))
    assert possible(found.assignment) == 8
    assert possible(drawn_from(reassignment(sample(cluster % 2, cluster), Design.CLUSTER_RANDOMISED)).assignment) == 20


def test_clusters_of_a_stepped_wedge_exchange_their_starts() -> None:
    rows = wedge([1, 1, 2, 2, 3, 3])
    found = drawn_from(reassignment(rows, Design.STEPPED_WEDGE))
    assert possible(found.assignment) == 90
    assert found.assignment.paths.sum(axis=1).tolist() == [1.0, 2.0, 3.0]
    assert treatment(found).tolist() == rows.treated.tolist()


def test_stated_sequences_say_what_missing_rows_cannot() -> None:
    whole = wedge([1, 1, 2, 2, 3, 3])
    rows = without(whole, [(0, 0), (0, 1)])
    assert reassignment(rows, Design.STEPPED_WEDGE) == UNKNOWN_START
    assert rows.cluster is not None
    found = drawn_from(reassignment(replace(rows, sequence=rows.cluster // 2), Design.STEPPED_WEDGE))
    assert possible(found.assignment) == 90
    assert treatment(found).tolist() == rows.treated.tolist()


def test_missing_rows_before_or_after_the_start_do_not_hide_it() -> None:
    rows = without(wedge([1, 1, 2, 2, 3, 3], 5), [(0, 3), (2, 0), (4, 4), (5, 1)])
    found = drawn_from(reassignment(rows, Design.STEPPED_WEDGE))
    assert possible(found.assignment) == 90
    assert treatment(found).tolist() == rows.treated.tolist()


def test_clusters_that_never_or_always_are_treated_have_paths_too() -> None:
    found = drawn_from(reassignment(wedge([0, 2, 9]), Design.STEPPED_WEDGE))
    assert found.assignment.paths.sum(axis=1).tolist() == [0.0, 2.0, 4.0]


CLUSTER = np.repeat(np.arange(4), 2)
MADE = Design.CLUSTER_RANDOMISED, Design.STEPPED_WEDGE


@pytest.mark.parametrize(
    ("rows", "design", "reason"),
    [
        (sample(CLUSTER % 2, CLUSTER), Design.TWO_PERIOD_DID, NOT_RANDOM),
        (sample(np.arange(8) % 2, CLUSTER), MADE[0], MIXED),
        (sample(np.arange(8) % 2, CLUSTER, np.zeros(8, dtype=np.int64)), MADE[1], MIXED),
        (sample(CLUSTER % 2, CLUSTER), MADE[1], NO_UNITS),
        (replace(sample(CLUSTER % 2, CLUSTER), strata=np.arange(8) % 2), MADE[0], MIXED_STRATA),
        (replace(wedge([1, 2]), strata=np.arange(8) % 2), MADE[1], MIXED_STRATA),
        (replace(wedge([1, 2]), sequence=np.zeros(8, dtype=np.int64)), MADE[1], MIXED_SEQUENCE),
        (replace(wedge([1, 1]), sequence=np.arange(8) % 2), MADE[1], MIXED_SEQUENCE),
    ],
)
def test_what_cannot_be_redrawn_says_why(rows: Sample, design: Design, reason: object) -> None:
    assert reassignment(rows, design) == reason


def test_the_sequences_of_the_case_investigation_trial_agree_with_its_treatment(reference: object) -> None:
    """Raskin, Ghosh, Tan and others 2022: 29 areas in four sequences, with weeks without cases."""
    frame = pd.read_csv(f"{reference}/cict_sw_analysis.csv").sort_values("Zip", kind="stable")
    coded = {column: np.unique(frame[column], return_inverse=True)[1].astype(np.int64) for column in frame}
    rows = replace(sample(coded["cond"], coded["Zip"], coded["week"]), sequence=coded["crossover"])
    found = drawn_from(reassignment(rows, Design.STEPPED_WEDGE))
    assert len(found.assignment.observed) == 29
    assert treatment(found).tolist() == frame["cond"].tolist()
