import pytest

from effects.civil_numbers import looks_like_cpr, texts_of


@pytest.mark.parametrize(
    "text",
    [
        "0101011234",
        "010101-1234",
        "010101 1234",
        "010101 - 1234",
        "010101\u20131234",
        "010101\u00a01234",
        "３１１２９９-１２３４",
        "010101\u200b-\u00ad1234",
        "citizen 311299-4321, seen twice",
        "(2902001111)",
        "cpr:0101011234.",
        "3112991234.0",
        "0101011234;12",
        "x_0101011234_y",
    ],
)
def test_a_date_and_four_digits_look_like_a_cpr_number(text: str) -> None:
    assert looks_like_cpr(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3201011234",  # no 32nd day
        "3002011234",  # no 30 February
        "3104011234",  # no 31 April
        "0113011234",  # no 13th month
        "0001011234",
        "010101123",  # too short
        "01010112345",  # too long
        "90101011234",
        "A0101011234",
        "0.0101011234",  # decimals
        "0,0101011234",
        "0101011234.5",
        "2016-01-01 1234",
        "01-01-2016",
        "98 municipalities, 24 months",
        "010101\n1234",
    ],
)
def test_other_numbers_and_dates_do_not(text: str) -> None:
    assert not looks_like_cpr(text)


def test_modulus_eleven_is_not_asked_for() -> None:
    assert looks_like_cpr("010107-0000")


def test_a_long_text_is_searched_in_reasonable_time() -> None:
    assert looks_like_cpr("01 " * 300_000 + "010101-1234")
    assert looks_like_cpr("a" + "\u0301\u0323" * 100_000 + " 010101-1234")


def test_every_text_of_a_value_is_found_keys_too() -> None:
    assert sorted(texts_of({"a": ["b", {"c": "d"}, 1, None], "e": True})) == ["a", "b", "c", "d", "e"]
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    assert list(texts_of(deep)) == ["x"]
