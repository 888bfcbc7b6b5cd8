import numpy as np
import pytest

from effects.inference.resampling import at_least, inverse, pieces, resampled


def test_a_drawn_share_counts_the_observed_statistic_among_the_draws() -> None:
    found = resampled(np.array([0.0, 49.0]), np.ones(2), 99, enumerated=False)
    assert found.p_values.tolist() == [0.01, 0.5]
    assert (found.draws, found.enumerated) == (99, False)


def test_an_enumerated_share_is_the_plain_one() -> None:
    assert resampled(np.array([2.0, 64.0]), np.ones(2), 64, enumerated=True).p_values.tolist() == [1 / 32, 1.0]


def test_what_was_not_observed_has_no_p_value() -> None:
    assert np.isnan(resampled(np.array([9.0]), np.array([np.nan]), 99, enumerated=False).p_values[0])


def test_a_draw_that_equals_what_was_observed_but_for_rounding_reaches_it() -> None:
    size = np.array([[2.0], [-2.0], [2.0 * (1 - 1e-12)], [2.0 * (1 - 1e-6)], [1.0]])
    assert at_least(size, np.array([-2.0]), np.ones((5, 1))).tolist() == [3.0]


def test_a_draw_without_spread_counts_as_reached() -> None:
    assert at_least(np.array([[0.0], [1e-20]]), np.array([5.0]), np.zeros((2, 1))).tolist() == [2.0]


@pytest.mark.parametrize(("draws", "width"), [(9999, 98), (8, 1), (20, 10**9), (99, 0)])
def test_pieces_follow_each_other_without_gap_in_whole_bytes(draws: int, width: int) -> None:
    found = list(pieces(draws, width))
    assert (found[0][0], found[-1][1]) == (0, draws)
    assert [stop for _, stop in found[:-1]] == [start for start, _ in found[1:]]
    assert all((stop - start) % 8 == 0 for start, stop in found[:-1])
    assert all((stop - start - 8) * width <= 4_000_000 for start, stop in found)


def test_columns_of_very_different_size_are_inverted_alike() -> None:
    columns = np.random.Generator(np.random.PCG64(1)).normal(size=(20, 3))
    scale = np.array([1e-9, 1.0, 1e9])
    plain, scaled = inverse(columns.T @ columns), inverse((columns * scale).T @ (columns * scale))
    np.testing.assert_allclose(scaled * np.outer(scale, scale), plain, rtol=1e-12)
    np.testing.assert_allclose(plain @ columns.T @ columns, np.eye(3), atol=1e-12)
