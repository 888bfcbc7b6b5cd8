import pytest

from effects.treatment_starts import TreatmentStarts, ordered

ONE = TreatmentStarts(("9", "10", "11"), True, ("a", "b"), ("early", "late"), ("10", None))
OTHER = TreatmentStarts(("10", "11", "12"), True, ("b", "c"), ("late", "late"), (None, "12"))


def test_periods_and_clusters_of_both_parts_are_known_and_the_earlier_start_counts() -> None:
    together = ONE.joined(OTHER)
    assert together == TreatmentStarts(
        ("9", "10", "11", "12"), True, ("a", "b", "c"), ("early", "late", "late"), ("10", None, "12")
    )
    assert OTHER.joined(ONE) == together
    again = TreatmentStarts(("9",), True, ("a",), ("early",), ("9",)).joined(ONE)
    assert again is not None
    assert again.first[0] == "9"


def test_exposure_counts_periods_of_all_parts_from_the_start_of_the_sequence() -> None:
    together = ONE.joined(OTHER)
    assert together is not None
    assert [together.exposure(cluster, "12") for cluster in ("a", "b", "c")] == [2, 0, 0]
    assert together.exposure("a", "9") == -1
    assert ONE.exposure("b", "9") is None


def test_a_cluster_of_two_sequences_has_no_start() -> None:
    assert ONE.joined(TreatmentStarts(("9",), True, ("a",), ("late",), (None,))) is None


@pytest.mark.parametrize(
    ("periods", "numeric", "expected"),
    [
        (("10", "9"), True, ("9", "10")),
        (("10", "9"), False, ("10", "9")),
        (("2025-02", "2024-12"), False, ("2024-12", "2025-02")),
    ],
)
def test_periods_stand_in_the_order_of_time(periods: tuple[str, ...], numeric: bool, expected: tuple[str, ...]) -> None:
    assert ordered(periods, numeric=numeric) == expected
