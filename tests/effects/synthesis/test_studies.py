from collections.abc import Callable

import pytest

from effects.errors import DataError
from effects.synthesis.studies import FARTHEST, MOST, Studies

THREE = Studies(("a", "b", "c"), (0.1, 0.2, 0.3), (0.01, 0.02, 0.03), ("x", "x", "y"), ("2019", "2020", "2021"))


def codes(*, names: tuple[str, ...], estimates: tuple[float, ...], variances: tuple[float, ...]) -> list[str]:
    with pytest.raises(DataError) as refused:
        Studies(names, estimates, variances)
    return [finding.code for finding in refused.value.findings]


def test_estimates_and_variances_are_arrays() -> None:
    assert THREE.y.tolist() == [0.1, 0.2, 0.3]
    assert THREE.v.tolist() == [0.01, 0.02, 0.03]
    assert len(THREE) == 3


def test_some_of_the_studies_keep_their_place_and_date() -> None:
    some = THREE.some([2, 0])
    assert some == Studies(("c", "a"), (0.3, 0.1), (0.03, 0.01), ("y", "x"), ("2021", "2019"))


def test_some_of_studies_that_have_neither_place_nor_date() -> None:
    some = Studies(("a", "b"), (0.1, 0.2), (0.01, 0.02), moderators={"size": [1.0, 2.0]}).some([1])
    assert (some.names, some.clusters, some.dates, some.moderators) == (("b",), None, None, {})


def test_no_study_is_a_finding() -> None:
    assert codes(names=(), estimates=(), variances=()) == ["no_study"]


def test_every_fault_is_found_at_once() -> None:
    found = codes(names=("a", "a", "b"), estimates=(0.1, float("nan"), 1e60), variances=(0.0, -1.0, 1e-60))
    assert sorted(found) == [
        *["beyond_measure"] * 3,
        *["not_positive"] * 2,
        "repeated_study",
    ]


SHORT: dict[str, Callable[[], Studies]] = {
    "yi": lambda: Studies(("a", "b"), (0.1,), (0.1, 0.2)),
    "vi": lambda: Studies(("a", "b"), (0.1, 0.2), (0.1,)),
    "cluster": lambda: Studies(("a", "b"), (0.1, 0.2), (0.1, 0.2), clusters=("x",)),
    "date": lambda: Studies(("a", "b"), (0.1, 0.2), (0.1, 0.2), dates=("2020",)),
    "size": lambda: Studies(("a", "b"), (0.1, 0.2), (0.1, 0.2), moderators={"size": [1.0]}),
}


@pytest.mark.parametrize("column", SHORT)
def test_a_column_of_another_length_is_named(column: str) -> None:
    with pytest.raises(DataError) as refused:
        SHORT[column]()
    assert [(one.code, one.where) for one in refused.value.findings] == [("unequal_length", column)]


def test_a_repeated_name_is_told_once_with_the_name() -> None:
    with pytest.raises(DataError, match="study Aarhus"):
        Studies(("Aarhus",) * 3, (0.1, 0.2, 0.3), (0.1,) * 3)


@pytest.mark.parametrize(("estimates", "variances"), [((0.0, 1.0), (1e-9, 1e9)), ((0.0, 1e20), (1e-3, 1e-3))])
def test_numbers_too_far_apart_to_compute_with_are_refused(
    estimates: tuple[float, ...], variances: tuple[float, ...]
) -> None:
    assert codes(names=("a", "b"), estimates=estimates, variances=variances) == ["too_far_apart"]


def test_more_studies_than_memory_bears_are_refused() -> None:
    many = MOST + 1
    found = codes(names=tuple(map(str, range(many))), estimates=(0.1,) * many, variances=(0.01,) * many)
    assert found == ["too_many_studies"]
    assert codes(names=("a", "b"), estimates=(0.0, 0.0), variances=(1.0, 2.0 * FARTHEST)) == ["too_far_apart"]
