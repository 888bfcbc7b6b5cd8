import msgspec
import pytest

from effects.economics.business_case import BusinessCaseError
from registry.business_cases.valuing import valuation_of
from tests.registry.business_cases.story import BY_EFFECT, LANGUAGE, LARGE, SMALL, a_case

YEARS = sum(1.035**-year for year in range(5))


def test_a_case_is_worth_what_its_lines_add_up_to() -> None:
    found = valuation_of(a_case(), {}, [SMALL, LARGE])
    hours = 220 * 5 * 600 * 0.8 * YEARS
    licences = 2 * 100_000 * YEARS
    assert found["expected_net_value"] == pytest.approx(hours - licences)
    small, large = found["by_place"]
    assert small["mean"] == pytest.approx((20 * 5 * 600 * 0.8 - 100_000) * YEARS)
    assert (small["code"], large["mean"] > small["mean"]) == ("2001", True)
    assert found["share_positive_by_size_class"] == {"small": 0.0, "large": 1.0}
    assert found["guessed_share"] == pytest.approx(hours / (hours + licences))


def test_a_line_by_effect_is_named_until_its_effect_is_known() -> None:
    without = valuation_of(a_case(more=BY_EFFECT), {}, [SMALL])
    assert without["expected_net_value"] is None
    assert [one["text"] for one in without["unknown"]] == ["Fewer calls: no effect on language is known."]
    known = valuation_of(a_case(more=BY_EFFECT), {"language": LANGUAGE}, [SMALL])
    alone = valuation_of(a_case(), {}, [SMALL])
    calls = 20 * 5 * 250 * 0.2 * YEARS
    assert known["expected_net_value"] == pytest.approx(alone["expected_net_value"] + calls)


def test_equal_input_gives_equal_bytes_that_json_can_hold() -> None:
    first, second = (msgspec.json.encode(valuation_of(a_case(), {}, [SMALL, LARGE])) for _ in range(2))
    assert first == second


def test_what_is_no_case_is_refused() -> None:
    with pytest.raises(BusinessCaseError):
        valuation_of("schema = 1", {}, [SMALL])
