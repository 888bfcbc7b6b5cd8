from dataclasses import replace

import pytest

from effects.economics.discounting import flat
from effects.economics.facts import Place
from effects.economics.local_values import class_values, local_values
from effects.economics.sums import sums
from effects.message import Message
from tests.effects.economics.cases import EFFECTS, MINUTES, PLACES, TENDER, TRAINING, hand_case, hand_sums, with_lines


def test_every_place_by_hand() -> None:
    # Per thousand inhabitants 10 x 0.5 x 4 x 20 x 2.735537 = 1094.21; training 350; the national tender stays out.
    # Large town 2 x 1094.21 - 350 = 1838.43; Middle 0.6 x 1094.21 - 350 = 306.53; Island 0.4 x 1094.21 - 350 = 87.69
    found = local_values(hand_sums(), PLACES, None)
    assert [place.mean for place in found] == pytest.approx([1838.43, 306.53, 87.69], abs=0.01)


def test_the_probability_of_a_place_by_hand() -> None:
    # Island: 87.69 / 237.70 (predictive; test_sums.py) = 0.36890; Phi = 0.64390
    island = local_values(hand_sums(), PLACES, None)[2]
    assert island.sd == pytest.approx(237.70, abs=0.01)
    assert island.probability_positive == pytest.approx(0.64390, abs=1e-4)


def test_size_classes_by_hand() -> None:
    # Two of the three in one class, Middle and Island: 306.53 + 87.69 = 394.21, with the mean effect's sd 1:
    # (0.6 + 0.4) x 10 x 0.5 x 2.735537 = 13.6777; x sqrt(447.222) = 289.25; training 2 x 83.333 = 166.667
    # sqrt(289.25^2 + 166.667^2) = 333.83; 394.21 / 333.83 = 1.18089; Phi = 0.88118
    places = [replace(place, size_class="big" if place.size_class == "large" else "little") for place in PLACES]
    found = hand_sums()
    big, little = class_values(found, places, local_values(found, places, None))
    assert (big.size_class, big.places, little.places) == ("big", 1, 2)
    assert little.mean == pytest.approx(394.21, abs=0.01)
    assert little.sd == pytest.approx(333.83, abs=0.01)
    assert little.probability_positive == pytest.approx(0.88118, abs=1e-4)


def test_the_share_of_a_class_counts_places_whose_expected_value_is_positive() -> None:
    places = (*PLACES, Place("0825", "Islet", "1081", "small", 100))
    case = hand_case()
    found = sums(case, case.lines, EFFECTS, places, flat(0.1))
    local = local_values(found, places, None)
    # Islet: 109.42 - 350 = -240.58
    assert local[3].mean == pytest.approx(-240.58, abs=0.01)
    small = class_values(found, places, local)[2]
    assert (small.size_class, small.places, small.share_positive) == ("small", 2, 0.5)
    assert small.mean_probability == pytest.approx(sum(place.probability_positive or 0 for place in local[2:]) / 2)


def test_a_place_whose_size_is_not_known_has_a_reason_and_leaves_its_class_open() -> None:
    places = (*PLACES, Place("0999", "New", None, "small", None))
    case = hand_case()
    found = sums(case, case.lines, EFFECTS, places, flat(0.1))
    local = local_values(found, places, None)
    assert local[3].mean is None
    assert "not known" in str(local[3].unknown)
    small = class_values(found, places, local)[2]
    assert (small.places, small.mean, small.share_positive, small.mean_probability) == (2, None, None, None)


def test_a_place_without_a_class_is_in_none() -> None:
    places = [replace(PLACES[0], size_class=None), *PLACES[1:]]
    found = hand_sums()
    classes = class_values(found, places, local_values(found, places, None))
    assert [item.size_class for item in classes] == ["medium", "small"]


def test_a_reason_that_bars_all_is_given_to_each() -> None:
    reason = Message("{line}: its amount is not stated.", {"line": "Minutes"})
    found = local_values(hand_sums(), PLACES, reason)
    assert {place.mean for place in found} == {None}
    assert all(place.unknown == reason for place in found)


def test_where_everything_is_national_no_place_has_a_value() -> None:
    found = local_values(hand_sums(with_lines(TENDER)), PLACES, None)
    assert all("No line" in str(place.unknown) for place in found)


def test_what_others_pay_is_not_borne_by_a_place() -> None:
    case = with_lines(TENDER, TRAINING | {"payer": "state"}, MINUTES, payers=["municipality"])
    assert local_values(hand_sums(case), PLACES, None)[2].mean == pytest.approx(437.69, abs=0.01)
