import numpy as np
import pytest

from effects.estimators.waves import after_start, mean_changes, seen_twice
from effects.rows.roles import read_roles
from effects.rows.samples import KEPT, Sample, draw, why_dropped
from effects.sources import open_source
from tests.effects.designs import plan_of, rows_for


def sample(design: str) -> Sample:
    roles = read_roles(open_source(rows_for(design)), plan_of(design))
    return draw(roles, roles.outcomes[0], why_dropped(roles, roles.outcomes[0]) == KEPT)


def test_periods_in_which_anybody_is_treated_are_after_the_start_for_everybody() -> None:
    drawn = sample("two_period_did")
    assert drawn.period is not None
    assert after_start(drawn).tolist() == (drawn.period >= 3).tolist()
    assert after_start(drawn).sum() > drawn.treated.sum()


def test_without_periods_the_treated_rows_are_after_the_start() -> None:
    drawn = sample("before_after")
    assert drawn.period is None
    assert after_start(drawn).tolist() == (drawn.treated == 1.0).tolist()


def test_who_was_seen_on_both_sides() -> None:
    owner = np.array([0, 0, 1, 1, 2, 3])
    after = np.array([False, True, True, True, False, True])
    assert seen_twice(owner, after).tolist() == [True, False, False, False]


def test_a_units_change_is_that_of_its_weighted_means() -> None:
    owner = np.array([0, 0, 0, 1, 1])
    after = np.array([False, True, True, False, True])
    values, weights = np.array([1.0, 2.0, 5.0, 4.0, 4.5]), np.array([1.0, 1.0, 3.0, 2.0, 0.5])
    found = mean_changes(values, weights, owner, after, seen_twice(owner, after))
    assert found == pytest.approx([(2.0 + 15.0) / 4.0 - 1.0, 0.5])


def test_only_paired_units_have_a_change() -> None:
    owner, after = np.array([0, 0, 1]), np.array([False, True, True])
    found = mean_changes(np.array([1.0, 3.0, 9.0]), np.ones(3), owner, after, seen_twice(owner, after))
    assert found.tolist() == [2.0]
