from effects.codes import StandardError
from registry.benchmarks.coverage_cells import BOUNDS, CELLS, CR1S, HC2, WAYS, Band


def test_every_band_of_the_promise_has_worlds() -> None:
    assert {cell.band for cell in CELLS} == set(Band)
    assert all(0.0 <= least < most < 0.1 for least, most in BOUNDS.values())


def test_worlds_are_told_apart() -> None:
    names = [cell.name for cell in CELLS]
    assert len(set(names)) == len(names)


def test_every_method_that_is_named_exists() -> None:
    assert {name for cell in CELLS for name in cell.ways} <= set(WAYS)
    assert all(len(set(cell.ways)) == len(cell.ways) > 0 for cell in CELLS)


def test_methods_take_the_error_of_their_name() -> None:
    assert WAYS[HC2].standard_error is StandardError.HC2
    assert WAYS[CR1S].standard_error is StandardError.CR1S
