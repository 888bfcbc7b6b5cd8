"""The seed files are what they say: complete, sourced, in both languages."""

import tomllib
from collections import Counter

import pytest

from effects.case import case_from_mapping
from effects.codes import Domain
from effects.plan import AnalysisPlan
from effects.recommendation import Kind, recommend
from registry.kit.resources import folder
from registry.people.rules import Role, StakeholderGroup, size_class
from registry.seeding import files
from registry.seeding.files import BodySeed, MunicipalitySeed, RegionSeed

SEEDS = folder("seeds")


def test_there_are_98_municipalities_with_codes_that_keep_their_zero() -> None:
    seeds = files.rows("municipalities.csv", MunicipalitySeed)
    assert len({seed.code for seed in seeds}) == 98
    assert all(len(seed.code) == 4 and seed.code.isdigit() for seed in seeds)
    assert seeds[0].code == "0101"
    assert "0411" not in {seed.code for seed in seeds}, "Christiansø is no municipality"


def test_size_classes_are_what_the_populations_say() -> None:
    for seed in files.rows("municipalities.csv", MunicipalitySeed):
        assert size_class(seed.population_2016) is seed.size_class_2016, seed.name
        assert size_class(seed.population_2023) is seed.size_class_2023, seed.name


def test_two_regions_end_with_2026_and_the_new_one_has_no_code_yet() -> None:
    regions = {seed.name: seed for seed in files.rows("regions.csv", RegionSeed)}
    assert len(regions) == 6
    for name in ("Region Hovedstaden", "Region Sjælland"):
        assert str(regions[name].valid_to) == "2026-12-31"
        assert regions[name].succeeded_by == "Region Østdanmark"
    assert (regions["Region Østdanmark"].code, str(regions["Region Østdanmark"].valid_from)) == ("", "2027-01-01")


def test_every_municipality_lies_in_a_region_of_the_file() -> None:
    codes = {seed.code for seed in files.rows("regions.csv", RegionSeed)}
    assert {seed.region_code for seed in files.rows("municipalities.csv", MunicipalitySeed)} <= codes - {""}


def test_simulated_bodies_say_so_in_their_name() -> None:
    bodies = [*files.rows("agencies.csv", BodySeed), *files.rows("schools.csv", BodySeed)]
    for body in bodies:
        assert (body.simulated == "yes") is ("(simuleret)" in body.name), body.name
    assert all(body.simulated == "yes" for body in files.rows("schools.csv", BodySeed))


def test_every_table_and_every_entry_names_its_source() -> None:
    sources = tomllib.loads(files.text("sources.toml"))
    assert set(sources) == {path.name for path in SEEDS.glob("*.csv")}
    assert all(entry["source"] for entry in sources.values())
    assert all(seed.source for seed in files.library())
    assert all(seed.source for seed in files.catalogue())


def test_the_library_covers_every_domain_in_both_languages() -> None:
    seeds = files.library()
    assert len(seeds) >= 40
    assert len({seed.code for seed in seeds}) == len(seeds)
    assert {seed.domain for seed in seeds} == set(Domain)
    assert len({seed.perspective for seed in seeds}) == 4
    for seed in seeds:
        texts = (seed.name_da, seed.name_en, seed.wording_da, seed.wording_en, seed.unit)
        assert all(texts), seed.code
        assert seed.wording_da != seed.wording_en, seed.code


def test_catalogue_entries_are_one_pilot_and_one_technology_each() -> None:
    seeds = files.catalogue()
    assert len({seed.title for seed in seeds}) == len({seed.technology for seed in seeds}) == len(seeds) == 10
    assert all((seed.starts is None) is (seed.precision == "") for seed in seeds), "a period says how exact it is"


def test_demo_accounts_cover_every_role_and_group_and_can_receive_no_mail() -> None:
    accounts = files.programme().account
    roles = Counter(seed.role for seed in accounts)
    assert set(roles) == set(Role)
    assert roles[Role.PROJECT_LEAD] == roles[Role.EVALUATOR] == 2, "four eyes need two"
    assert {seed.group for seed in accounts if seed.group} == set(StakeholderGroup)
    assert all(seed.email.endswith("@demo.invalid") for seed in accounts)


def test_demo_pilots_say_that_they_are_simulated_and_use_the_library() -> None:
    codes = {seed.code for seed in files.library()}
    for pilot in files.programme().pilot:
        assert "(simuleret)" in pilot.title
        assert {indicator.code for indicator in pilot.indicators} <= codes
        assert all(len(indicator.scores) == len(StakeholderGroup) for indicator in pilot.indicators)


@pytest.mark.parametrize(
    "pilot", [pilot for pilot in files.programme().pilot if pilot.plan], ids=lambda pilot: pilot.key
)
def test_plans_of_the_demo_ask_for_indicators_of_their_pilot(pilot: files.DemoPilotSeed) -> None:
    plan = AnalysisPlan.from_toml(SEEDS / pilot.plan)
    stated = {indicator.code: (indicator.role, indicator.minimal_important) for indicator in pilot.indicators}
    for outcome in plan.outcomes:
        assert stated[outcome.column] == (outcome.role, outcome.minimal_important)


@pytest.mark.parametrize("name", ["telecare_nord.toml", "telecare_nord_satisfaction.toml"])
def test_the_published_case_can_be_read_in_both_forms(name: str) -> None:
    case = case_from_mapping(tomllib.loads(files.text(name)))
    assert case.technology == files.catalogue()[0].technology
    assert {indicator.domain for indicator in case.indicators} == {Domain.CITIZEN}


def test_the_published_trial_has_the_figures_of_the_papers() -> None:
    case = case_from_mapping(tomllib.loads(files.text("telecare_nord.toml")))
    stated = [(indicator.estimate, indicator.low, indicator.high) for indicator in case.indicators]
    assert stated == [(0.1, -1.4, 1.7), (0.4, -1.7, 2.4), (0.0132, -0.0083, 0.0346)]
    assert case.economy.net_value == pytest.approx(-449.9, abs=0.1)


def test_satisfaction_alone_states_no_effect() -> None:
    case = case_from_mapping(tomllib.loads(files.text("telecare_nord_satisfaction.toml")))
    assert all(indicator.estimate is None and not indicator.has_comparison for indicator in case.indicators)


def advice(name: str, **economy: float) -> tuple[str, str]:
    """Kind and rule of the advice on a case file, its economy changed where stated."""
    table = tomllib.loads(files.text(name))
    table["economy"] = table.get("economy", {}) | economy
    found = recommend(case_from_mapping(table))
    return found.kind, found.rule


def test_the_advice_on_the_published_case_is_what_the_rules_were_made_to_say() -> None:
    assert advice("telecare_nord_satisfaction.toml") == (Kind.NOT_ENOUGH_EVIDENCE, "R0")
    assert advice("telecare_nord.toml") == (Kind.STOP, "R6")
    assert advice("telecare_nord.toml", value_per_unit=60_000)[0] == Kind.NOT_ENOUGH_EVIDENCE
