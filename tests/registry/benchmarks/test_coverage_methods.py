from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from effects import AnalysisPlan, analyse
from effects.codes import Design, StandardError, WorkingModel
from effects.results import EffectEstimate
from effects.rows.samples import Sample
from registry.benchmarks.coverage_methods import (
    DRAWS,
    REFUSED,
    by_bootstrap,
    by_permutation,
    by_t,
    judged,
    settings_of,
)
from registry.benchmarks.coverage_worlds import clusters, people, wedge


def drawn(seed: int = 3) -> Sample:
    return clusters(6, 6).draw(np.random.Generator(np.random.PCG64(seed)))


def analysed(sample: Sample, effect: float, **inference: object) -> EffectEstimate:
    """The same trial through the whole library."""
    rows = pd.DataFrame(
        {"y": sample.outcome + effect * sample.treated, "t": sample.treated, "site": np.asarray(sample.cluster)}
    )
    plan = {
        "schema": "virkning-plan/1",
        "title": "the same",
        "design": "cluster_randomised",
        "estimand": "itt",
        "data": {"treated": "t", "cluster": "site"},
        "outcome": [{"column": "y", "role": "secondary", "domain": "citizen", "better": "higher"}],
        "inference": inference,
    }
    entry = analyse(rows, AnalysisPlan.from_mapping(plan)).estimates[0]
    assert isinstance(entry, EffectEstimate)
    return entry


@pytest.mark.parametrize("kind", [StandardError.CR1S, StandardError.CR2])
@pytest.mark.parametrize("seed", [3, 4])
def test_an_interval_is_that_of_an_analysis(kind: StandardError, seed: int) -> None:
    sample = drawn(seed)
    said = by_t(sample, settings_of(Design.CLUSTER_RANDOMISED, kind), 0.5, 0)
    entry, added = (analysed(sample, effect, standard_error=kind.value) for effect in (0.0, 0.5))
    assert said.width == pytest.approx(entry.interval.high - entry.interval.low)
    assert said.df == pytest.approx(entry.df)
    assert said.rejected is (entry.p_value < 0.05)
    assert said.found is (added.p_value < 0.05)


@pytest.mark.parametrize("seed", range(4))
def test_resampled_tests_are_those_of_an_analysis(seed: int) -> None:
    sample, settings = drawn(seed), settings_of(Design.CLUSTER_RANDOMISED, StandardError.CR2)
    asked = {"bootstrap": {"kind": "wild", "draws": DRAWS}, "permutation": {"draws": DRAWS}, "seed": 11}
    plain, added = (analysed(sample, effect, **asked) for effect in (0.0, 0.8))
    wild, permuted = by_bootstrap(sample, settings, 0.8, 11), by_permutation(sample, settings, 0.8, 11)
    assert plain.p_bootstrap is not None and added.p_bootstrap is not None
    assert (wild.rejected, wild.found) == (plain.p_bootstrap <= 0.05, added.p_bootstrap <= 0.05)
    assert plain.p_permutation is not None and added.p_permutation is not None
    assert (permuted.rejected, permuted.found) == (plain.p_permutation <= 0.05, added.p_permutation <= 0.05)


def test_an_effect_that_is_large_is_found_by_all() -> None:
    sample, settings = drawn(), settings_of(Design.CLUSTER_RANDOMISED, StandardError.CR2)
    assert all(method(sample, settings, 50.0, 1).found for method in (by_t, by_bootstrap, by_permutation))


def test_what_an_analysis_refuses_is_refused() -> None:
    sample, settings = drawn(), settings_of(Design.CLUSTER_RANDOMISED, StandardError.CR2)
    empty = replace(sample, treated=np.zeros(sample.size))
    assert all(method(empty, settings, 1.0, 1) == REFUSED for method in (by_t, by_bootstrap, by_permutation))
    assert judged(0.0, 1.0, 0.0, 1.0) == REFUSED


def test_people_have_no_clusters_to_bootstrap() -> None:
    sample = people(10, 10).draw(np.random.Generator(np.random.PCG64(1)))
    assert by_bootstrap(sample, settings_of(Design.INDIVIDUAL_RANDOMISED, StandardError.HC2), 1.0, 1).refused


def test_a_wedge_is_answered_with_fixed_effects() -> None:
    settings = settings_of(Design.STEPPED_WEDGE, StandardError.CR2)
    assert settings.working_model is WorkingModel.FIXED_EFFECTS
    sample = wedge((2, 2, 2)).draw(np.random.Generator(np.random.PCG64(1)))
    for method in (by_t, by_bootstrap, by_permutation):
        assert not method(sample, settings, 1.0, 1).refused


def test_an_interval_that_excludes_the_truth_rejects_it() -> None:
    said = judged(1.0, 0.4, 1e9, -1.0)
    assert (said.rejected, said.found, said.refused) == (True, False, False)
    assert said.width == pytest.approx(2 * 1.959964 * 0.4, rel=1e-6)
