from dataclasses import replace

import numpy as np
import pytest

from effects.codes import Design, StandardError
from effects.rows.samples import Sample
from registry.benchmarks.coverage_methods import REFUSED, by_t, settings_of
from registry.benchmarks.coverage_mixed import by_kenward_roger
from registry.benchmarks.coverage_worlds import World, clusters, wedge


def drawn(world: World, seed: int = 2) -> Sample:
    return world.draw(np.random.Generator(np.random.PCG64(seed)))


@pytest.mark.parametrize("world", [clusters(6, 6), wedge((2, 2, 2, 2))])
def test_the_mixed_model_answers_near_the_robust_interval(world: World) -> None:
    sample, settings = drawn(world), settings_of(world.design, StandardError.CR2)
    mixed, robust = by_kenward_roger(sample, settings, 5.0, 0), by_t(sample, settings, 5.0, 0)
    assert not mixed.refused and mixed.found and robust.found
    assert 0.5 < mixed.width / robust.width < 1.5


def test_clusters_all_alike_are_compared_with_few_degrees_of_freedom() -> None:
    world = clusters(3, 3, sizes=(10, 10), icc=0.5)
    said = by_kenward_roger(drawn(world), settings_of(world.design, StandardError.CR2), 1.0, 0)
    assert said.df == pytest.approx(4.0, abs=1e-6)


def test_what_the_model_refuses_is_refused() -> None:
    world = clusters(4, 4)
    sample = drawn(world)
    empty = replace(sample, treated=np.ones(sample.size))
    assert by_kenward_roger(empty, settings_of(Design.CLUSTER_RANDOMISED, StandardError.CR2), 1.0, 0) == REFUSED


def test_a_wedge_without_variation_is_refused() -> None:
    sample = drawn(wedge((2, 2, 2)))
    still = replace(sample, outcome=np.zeros(sample.size))
    assert by_kenward_roger(still, settings_of(Design.STEPPED_WEDGE, StandardError.CR2), 1.0, 0) == REFUSED
