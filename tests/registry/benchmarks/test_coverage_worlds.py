import numpy as np
import pytest

from effects.codes import Design
from effects.message import Message
from effects.reassignment import reassignment
from registry.benchmarks.coverage_worlds import Random, World, clusters, pairs, people, wedge

WORLDS = {
    "people": people(8, 12),
    "clusters": clusters(5, 3),
    "pairs": pairs(6),
    "wedge": wedge((2, 1, 2)),
}


def random(seed: int = 5) -> Random:
    return np.random.Generator(np.random.PCG64(seed))


@pytest.mark.parametrize("name", WORLDS)
def test_the_same_seed_draws_the_same_trial(name: str) -> None:
    first, second, third = (WORLDS[name].draw(random(seed)) for seed in (5, 5, 6))
    assert first.outcome.tolist() == second.outcome.tolist() != third.outcome.tolist()
    assert first.treated.tolist() == second.treated.tolist()


@pytest.mark.parametrize("name", WORLDS)
def test_its_assignment_can_be_drawn_again(name: str) -> None:
    world = WORLDS[name]
    assert not isinstance(reassignment(world.draw(random()), world.design), Message)


def test_people_are_divided_as_stated_and_vary_by_their_arm() -> None:
    sample = people(4_000, 2_000, spread=3.0).draw(random())
    assert (np.sum(sample.treated == 0), np.sum(sample.treated == 1)) == (4_000, 2_000)
    spread = [float(np.std(sample.outcome[sample.treated == arm])) for arm in (0.0, 1.0)]
    assert spread == pytest.approx([1.0, 3.0], rel=0.06)
    assert abs(float(np.mean(sample.outcome))) < 0.1


def test_clusters_differ_in_size_and_each_is_in_one_arm() -> None:
    sample = clusters(5, 3, sizes=(5, 40)).draw(random())
    assert sample.cluster is not None
    sizes = np.bincount(sample.cluster)
    assert len(sizes) == 8 and sizes.min() >= 5 and sizes.max() <= 40 and np.ptp(sizes) > 0
    arms = [set(sample.treated[sample.cluster == one].tolist()) for one in range(8)]
    assert sorted(arms, key=min) == [{0.0}] * 5 + [{1.0}] * 3


def test_treated_clusters_may_vary_more() -> None:
    sample = clusters(400, 400, icc=0.5, spread=3.0).draw(random())
    assert sample.cluster is not None
    means = np.bincount(sample.cluster, sample.outcome) / np.bincount(sample.cluster)
    treated = np.bincount(sample.cluster, sample.treated) > 0
    assert float(np.std(means[treated]) / np.std(means[~treated])) > 2.0


def test_a_pair_holds_one_treated_cluster() -> None:
    sample = pairs(6, size=3).draw(random())
    assert sample.strata is not None
    for pair in range(6):
        assert float(np.mean(sample.treated[sample.strata == pair])) == 0.5


def test_a_wedge_starts_when_its_sequence_does() -> None:
    sample = wedge((2, 1, 2), size=2).draw(random())
    assert sample.cluster is not None and sample.period is not None and sample.sequence is not None
    assert sample.size == 5 * 4 * 2
    assert sample.treated.tolist() == (sample.period > sample.sequence).astype(float).tolist()
    firsts = [int(sample.sequence[sample.cluster == one][0]) for one in range(5)]
    assert sorted(firsts) == [0, 0, 1, 2, 2]


@pytest.mark.parametrize("world", [clusters(60, 60, icc=0.2), wedge((30, 30, 30), icc=0.2)])
def test_all_variance_is_one_and_the_stated_share_lies_between_clusters(world: World) -> None:
    found = []
    for seed in range(6):
        sample = world.draw(random(seed))
        assert sample.cluster is not None
        cells = sample.cluster if sample.period is None else sample.cluster * 10 + sample.period
        _, cell = np.unique(cells, return_inverse=True)
        level = np.zeros(sample.size) if sample.period is None else 0.1 * sample.period
        outcome = sample.outcome - level
        means = np.bincount(cell, outcome) / np.bincount(cell)
        within = float(np.sum((outcome - means[cell]) ** 2) / (sample.size - len(means)))
        found.append((float(np.var(outcome)), within))
    assert np.mean(found, axis=0).tolist() == pytest.approx([1.0, 0.8], abs=0.04)


def test_worlds_name_their_design() -> None:
    assert [world.design for world in WORLDS.values()] == [
        Design.INDIVIDUAL_RANDOMISED,
        Design.CLUSTER_RANDOMISED,
        Design.CLUSTER_RANDOMISED,
        Design.STEPPED_WEDGE,
    ]
