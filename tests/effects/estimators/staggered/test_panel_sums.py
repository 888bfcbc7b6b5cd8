"""Groups of units against the units themselves."""

import numpy as np
import pytest

from effects.estimators.staggered.panel import Panel, with_baseline
from effects.estimators.staggered.panel_sums import PanelSums, panel_of_sums
from effects.linear_model import Obstacle
from effects.unit_changes import UnitChanges

RANDOM = np.random.Generator(np.random.PCG64(8))
OUTCOME = RANDOM.normal(size=(12, 4))
OUTCOME[RANDOM.uniform(size=(12, 4)) < 0.2] = np.nan
FIRST = np.array([2.0, 2.0, np.inf] * 4)
CLUSTER = np.arange(12) // 3
PANEL = Panel(
    outcome=OUTCOME,
    covariates=np.zeros((12, 4, 0)),
    covariate_names=(),
    times=np.arange(1.0, 5.0),
    labels=(1.0, 2.0, 3.0, 4.0),
    first=FIRST,
    cluster=CLUSTER,
    weights=np.ones(12),
    people=np.full(12, 3.0),
)


def sums() -> UnitChanges:
    """The panel's units by cluster and cohort."""
    groups = [(cluster, start) for cluster in range(4) for start in (2.0, np.inf)]
    members = [(cluster == CLUSTER) & (start == FIRST) for cluster, start in groups]
    gain = OUTCOME[:, :, None] - OUTCOME[:, None, :]
    seen = np.array([(~np.isnan(gain[own])).sum(axis=0) for own in members])
    return UnitChanges(
        ("1", "2", "3", "4"),
        True,
        tuple(f"c{cluster}" for cluster, _ in groups),
        tuple("2" if np.isfinite(start) else None for _, start in groups),
        np.array([own.sum() for own in members]),
        np.array([(~np.isnan(OUTCOME[own])).sum() for own in members]),
        np.array([3.0 * own.sum() for own in members]),
        np.array([(~np.isnan(OUTCOME[own])).all(axis=1).sum() for own in members]),
        seen,
        3.0 * seen,
        np.array([np.nansum(gain[own], axis=0) for own in members]),
    )


def built() -> PanelSums:
    found = panel_of_sums(sums())
    assert isinstance(found, PanelSums)
    return found


def test_what_is_counted_is_that_of_the_units() -> None:
    groups = built()
    assert (groups.units, groups.rows, groups.lacking) == (PANEL.units, PANEL.rows, PANEL.lacking)
    assert groups.seen.tolist() == PANEL.seen.tolist()
    assert groups.cohorts.tolist() == PANEL.cohorts.tolist() == [2.0]
    assert groups.number(groups.first == 2.0) == PANEL.number(PANEL.first == 2.0) == 8
    assert (groups.labels, groups.label(2.0), groups.event_time(2.0, 3)) == (PANEL.labels, 2.0, 2)


@pytest.mark.parametrize(("period", "base"), [(1, 0), (3, 0), (0, 2)])
def test_changes_are_the_means_of_those_seen_in_both(period: int, base: int) -> None:
    one, other = built().change(period, base), PANEL.change(period, base)
    assert one.units.sum() == other.units.sum() == other.both.sum()
    assert one.people.sum() == other.people.sum()
    assert one.weights @ one.mean == pytest.approx(other.weights @ other.mean)
    assert one.both.tolist() == (one.units > 0).tolist()


def test_parts_count_the_units_that_are_left_out() -> None:
    part = built().part(built().first == 2.0)
    assert (part.lost, part.units, part.entries) == (4, 8, 4)
    assert part.cluster.tolist() == [0, 1, 2, 3]
    kept = with_baseline(built(), 0.0)
    assert isinstance(kept, PanelSums)
    assert kept.lost == 0
    assert isinstance(with_baseline(built(), 1.0), Obstacle)


def test_nobody_treated_is_no_panel() -> None:
    found = sums()
    never = UnitChanges(*(getattr(found, name) if name != "first" else (None,) * 8 for name in UnitChanges.__slots__))
    refused = panel_of_sums(never)
    assert isinstance(refused, Obstacle)
    assert refused.reason.value == "empty_arm"


def test_the_scale_is_that_of_changes() -> None:
    assert 0.0 < built().scale <= 2.0 * PANEL.scale
