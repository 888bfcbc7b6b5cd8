import numpy as np
import pytest

from effects.codes import Estimator, Reason, StandardError
from effects.design_answers import Effect, NoEffect, Place
from effects.estimators.staggered.precision import Behind, Errors, errors_of, few_clusters, no_variation
from effects.inference.influence import plain, small
from effects.message import Message
from tests.effects.estimators.staggered.adoptions import adoption, panel_from

BEHIND = Behind(rows=320, units=40, clusters=40, people=(20.0, 20.0))


def errors(
    kind: StandardError = StandardError.INFLUENCE_SMALL, cluster: str = "unit", query: str = "unit >= 0"
) -> Errors:
    return errors_of(panel_from(adoption().query(query), cluster=cluster), kind, Estimator.CALLAWAY_SANTANNA)


def influence(size: int = 40) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(2)).normal(size=size)


def test_cohorts_are_the_strata_and_the_never_treated_are_one() -> None:
    found = errors()
    assert found.strata.sizes.tolist() == [10, 10, 20]
    assert found.clusters(3.0) == 10
    assert found.clusters(3.0, 5.0) == 20


def test_clusters_that_span_cohorts_are_one_stratum() -> None:
    found = errors(cluster="region")
    assert found.strata.sizes.tolist() == [20]
    assert found.clusters(3.0) == found.clusters(3.0, 5.0) == 10


@pytest.mark.parametrize("kind", [StandardError.INFLUENCE, StandardError.INFLUENCE_SMALL])
def test_the_kind_chooses_the_error_and_its_degrees_of_freedom(kind: StandardError) -> None:
    stated = errors(kind)
    found = stated.stated(Place(), 1.0, influence(), [3.0, 5.0], BEHIND)
    expected = plain(influence(), stated.strata.cluster)
    if kind is StandardError.INFLUENCE_SMALL:
        expected = small(influence(), stated.strata)
    assert isinstance(found, Effect)
    assert (found.standard_error, found.df, found.kind) == (expected.standard_error, expected.df, kind)
    assert (found.rows, found.units, found.clusters, found.people) == (320, 40, 40, (20.0, 20.0))


def test_notes_and_place_are_carried() -> None:
    place, note = Place(cohort=3.0), Message("more clusters")
    found = errors().stated(place, 1.0, influence(), [3.0], BEHIND, notes=(note,))
    assert isinstance(found, Effect)
    assert (found.place, found.notes, found.estimator) == (place, (note,), "callaway_santanna")


def test_cohorts_of_one_cluster_are_lone() -> None:
    assert errors().lone.tolist() == []
    assert errors(query="start != 3 or unit == 0").lone.tolist() == [3.0]
    assert errors(query="start != 3 or unit == 0", cluster="region").lone.tolist() == []


def test_imputed_effects_of_a_lone_cohort_are_one_stratum_with_those_of_the_others() -> None:
    panel = panel_from(adoption().query("start != 3 or unit == 0"))
    strata = errors_of(panel, StandardError.INFLUENCE_SMALL, Estimator.IMPUTATION).strata
    assert strata.sizes.tolist() == [20, 11]
    whole = errors_of(panel_from(adoption()), StandardError.INFLUENCE_SMALL, Estimator.IMPUTATION).strata
    assert whole.sizes.tolist() == [10, 10, 20]


def test_what_lone_cohorts_are_compared_with_widens_the_small_error_only() -> None:
    values, compared = influence(31), [np.where(np.arange(31) > 20, 0.1, 0.0)]
    for kind, wider in ((StandardError.INFLUENCE, False), (StandardError.INFLUENCE_SMALL, True)):
        stated = errors(kind, query="start != 3 or unit == 0")
        alone = stated.stated(Place(), 1.0, values, [3.0, 5.0], BEHIND)
        beside = stated.stated(Place(), 1.0, values, [3.0, 5.0], BEHIND, compared=compared)
        assert isinstance(alone, Effect)
        assert isinstance(beside, Effect)
        assert (beside.standard_error > alone.standard_error) is wider


def test_one_treated_cluster_has_no_error() -> None:
    found = errors(query="start != 3 or unit == 0").stated(Place(), 1.0, influence(31), [3.0], BEHIND)
    assert isinstance(found, NoEffect)
    assert (found.obstacle.reason, str(found.obstacle.detail)) == (Reason.TOO_FEW_CLUSTERS, "1 treated cluster")


@pytest.mark.parametrize("size", [0.0, 1e-17])
def test_contributions_of_nothing_but_rounding_have_no_error(size: float) -> None:
    found = errors().stated(Place(), 1.0, np.full(40, size), [3.0, 5.0], BEHIND)
    assert isinstance(found, NoEffect)
    assert found.obstacle == no_variation()


def test_the_obstacle_counts_the_treated_clusters() -> None:
    assert str(few_clusters(0).detail) == "0 treated cluster"
    assert few_clusters(1).reason is Reason.TOO_FEW_CLUSTERS
