import json
import tomllib
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.economics.business_case import SCHEMA, BusinessCase, BusinessCaseError
from effects.economics.codes import LineKind, Payer, Scope, Status, Timing
from effects.economics.stated import Extension
from effects.economics.three_points import ThreePoints
from tests.effects.economics.cases import CITIZENS, HEAD, MINUTES, TENDER, TRAINING, hand_case, stated, with_lines

SEED = Path(__file__).parents[3] / "seeds" / "business_cases" / "virtual_visits.toml"


def findings(table: dict[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(BusinessCaseError) as raised:
        BusinessCase.from_mapping(table)
    return [(finding.where, finding.code) for finding in raised.value.findings]


def test_what_is_stated_is_kept() -> None:
    case = hand_case(major_version="2", payers=["municipality"], phase_in=[0.2, 1], effect_correlation=0.3)
    assert (case.technology, case.major_version, case.payers) == ("Screens", "2", (Payer.MUNICIPALITY,))
    assert (case.phase_in, case.discount_rate, case.effect_correlation) == ((0.2, 1.0), 0.1, 0.3)
    tender = case.lines[0]
    assert (tender.kind, tender.payer, tender.timing) == (LineKind.COST, Payer.MUNICIPALITY, Timing.ONCE)
    assert (tender.scope, tender.amount, tender.status) == (
        Scope.NATIONAL,
        ThreePoints(800, 1000, 1200),
        Status.AGREED,
    )


def test_what_is_left_out_is_not_known_or_the_plain_case() -> None:
    case = hand_case()
    assert (case.major_version, case.extension, case.optimism, case.unquantified) == (None, None, {}, ())
    assert (case.payers, case.phase_in, case.effect_correlation) == ((), (1.0,), 0.0)


def test_an_exact_figure_is_three_equal_points() -> None:
    assert hand_case().volumes[0].amount == ThreePoints(10, 10, 10)


def test_a_line_without_an_amount_is_read_and_left_open() -> None:
    bare = {key: value for key, value in TENDER.items() if key not in ("low", "likely", "high", "status")}
    assert with_lines(bare).lines[0].amount is None


def test_the_file_is_written_and_read_back_equal() -> None:
    table = stated(payers=["municipality", "state"], phase_in=[0.25, 1.0], major_version="2")
    table |= {
        "optimism": {"working_time": 0.7},
        "unquantified": [{"title": "Calm", "indicator": "calm", "unit": "points", "note": "Kept."}, {"title": "Pride"}],
        "extension": {"cost": 5.0, "standard_error": {"minutes": 0.5}},
    }
    table["volume"].append({"name": "staff", "title": "Staff", "by_place": {"0101": 12}, "status": "agreed"})
    case = BusinessCase.from_mapping(table)
    assert BusinessCase.from_toml(tomli_w.dumps(case.to_mapping())) == case
    assert BusinessCase.from_mapping(json.loads(json.dumps(case.to_mapping()))) == case
    assert case.extension == Extension({"minutes": 0.5}, 5.0)


def test_the_seed_is_read_and_written_back_equal() -> None:
    case = BusinessCase.from_toml(SEED.read_text("utf-8"))
    assert BusinessCase.from_mapping(case.to_mapping()) == case
    assert case.technology == "Skærmbesøg"
    assert {line.indicator for line in case.lines} >= {"home_care_minutes", "self_reliance_share"}


def test_every_source_of_the_seed_says_that_it_is_simulated() -> None:
    table = tomllib.loads(SEED.read_text("utf-8"))
    stated_sources = [item["source"] for name in ("line", "volume") for item in table[name]]
    assert len(stated_sources) == 9
    assert all("simuleret" in source for source in stated_sources)
    assert "simuleret" in table["business_case"]["title"]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    table = stated(horizon_years=0, discount_rate=3.5, currency=None, surprise=1)
    table["schema"] = "virkning-case/1"
    table["line"] = [TENDER | {"kind": "price", "low": 5000}, TRAINING, MINUTES | {"titel": "x"}]
    table["volume"] = [CITIZENS | {"amount": "many"}]
    table["optimism"] = {"working_time": -1}
    assert sorted(findings(table)) == sorted(
        [
            ("schema", "unknown_schema"),
            ("business_case.currency", "missing_key"),
            ("business_case.horizon_years", "not_a_count"),
            ("business_case.discount_rate", "not_a_share"),
            ("business_case.surprise", "unknown_key"),
            ("optimism.working_time", "negative"),
            ("volume[0].amount", "not_a_number"),
            ("line[0].kind", "unknown_code"),
            ("line[0].likely", "not_three_points"),
            ("line[2].titel", "unknown_key"),
        ]
    )


def test_contradictions_are_said_together_with_a_faulty_head() -> None:
    table = stated(price_year=None) | {"line": [TENDER, TENDER]}
    assert findings(table) == [("business_case.price_year", "missing_key"), ("line[1].title", "repeated_name")]


def test_an_empty_file_says_what_a_business_case_begins_with() -> None:
    assert ("schema", "missing_key") in findings({})
    assert ("business_case", "missing_key") in findings({})


def test_what_is_not_toml_is_one_finding() -> None:
    with pytest.raises(BusinessCaseError, match="not valid TOML"):
        BusinessCase.from_toml("schema = ")


def test_the_schema_names_its_version() -> None:
    assert hand_case().to_mapping()["schema"] == SCHEMA == "virkning-business-case/1"


@pytest.mark.parametrize(("payers", "counted"), [([], [True, True]), (["state"], [True, False])])
def test_only_named_payers_count_and_none_named_means_all(payers: list[str], counted: list[bool]) -> None:
    case = with_lines(TENDER | {"payer": "state"}, TRAINING, payers=payers or None)
    assert [case.counts(line) for line in case.lines] == counted


def test_a_haircut_is_for_benefits_of_its_kind_only() -> None:
    cost = TENDER | {"benefit_kind": "working_time"}
    case = BusinessCase.from_mapping(
        stated()
        | {"optimism": {"working_time": 0.7}, "line": [cost, MINUTES, MINUTES | {"title": "x", "benefit_kind": "y"}]}
    )
    assert [case.haircut(line) for line in case.lines] == [1.0, 0.7, 1.0]


def test_a_volume_is_found_by_its_name() -> None:
    case = hand_case()
    assert case.volume("citizens") is case.volumes[0]
    assert case.volume("beds") is case.volume(None) is None


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.dates() | st.just(10**400)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=5,
)
PLACES_IN_THE_FILE = [
    *[("business_case", name) for name in (*HEAD, "payers", "phase_in", "effect_correlation")],
    *[("line", name) for name in MINUTES],
    *[("volume", name) for name in (*CITIZENS, "by_place")],
    *[("extension", name) for name in ("cost", "standard_error")],
    *[(name, None) for name in ("schema", "business_case", "line", "volume", "optimism", "unquantified", "extension")],
]


@given(st.sampled_from(PLACES_IN_THE_FILE), ANYTHING)
@settings(max_examples=300)
def test_whatever_stands_anywhere_in_the_file_is_read_or_a_finding(
    place: tuple[str, str | None], anything: object
) -> None:
    table = stated() | {"extension": {"cost": 1.0, "standard_error": {"minutes": 1.0}}}
    name, key = place
    if key is None:
        table[name] = anything
    elif isinstance(table[name], list):
        table[name] = [table[name][-1] | {key: anything}]
    else:
        table[name] = table[name] | {key: anything}
    try:
        case = BusinessCase.from_mapping(table)
    except BusinessCaseError as wrong:
        assert all(finding.text() for finding in wrong.findings)
    else:
        assert BusinessCase.from_mapping(case.to_mapping()) == case
