from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import Better, Design, Domain, Estimand, Role
from effects.errors import PlanError
from effects.plan import AnalysisPlan
from effects.planning.sections import DataRoles, Inference, Outcome

Mapping = dict[str, object]

TOML = """
schema = "virkning-plan/1"
title = "Løft"
design = "cluster_randomised"
estimand = "itt"
[data]
cluster = "school"
treated = "t"
[[outcome]]
column = "y"
role = "primary"
domain = "staff"
better = "higher"
minimal_important = 1
"""


def plan() -> AnalysisPlan:
    return AnalysisPlan.from_text(TOML)


SECTIONS = ["schema", "title", "design", "estimand", "data", "outcome", "model", "inference", "missing", "survey", "x"]
KEYS = ["unit", "treated", "column", "level", "seed", "bootstrap", "margins", "fixed_effects", "start", "y"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(KEYS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)


def codes(raised: pytest.ExceptionInfo[PlanError]) -> list[str]:
    return [finding.code for finding in raised.value.findings]


def test_text_and_file_and_mapping_give_the_same_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(TOML, encoding="utf-8")
    assert AnalysisPlan.from_toml(path) == plan() == AnalysisPlan.from_mapping(plan().to_mapping())


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(TOML, encoding="utf-8-sig")
    assert AnalysisPlan.from_toml(path) == plan()


def test_the_dataclasses_themselves_make_the_same_plan() -> None:
    made = AnalysisPlan(
        title="Løft",
        design=Design.CLUSTER_RANDOMISED,
        estimand=Estimand.ITT,
        data=DataRoles(cluster="school", treated="t"),
        outcomes=(Outcome("y", Role.PRIMARY, Domain.STAFF, Better.HIGHER, minimal_important=1.0),),
    )
    assert made == plan()
    assert made.fingerprint == plan().fingerprint


def test_a_plan_that_contradicts_itself_cannot_be_made_in_any_way() -> None:
    with pytest.raises(PlanError) as raised:
        replace(plan(), data=DataRoles(treated="t"))
    assert codes(raised) == ["missing_role"]


def test_the_fingerprint_ignores_how_the_same_keys_are_written() -> None:
    moved = TOML.replace("minimal_important = 1", "minimal_important = 1.0").replace(
        'cluster = "school"\ntreated = "t"', 'treated = "t" # assigned\ncluster = "school"'
    )
    assert AnalysisPlan.from_text(moved).fingerprint == plan().fingerprint


def test_the_fingerprint_is_a_named_digest() -> None:
    kind, digest = plan().fingerprint.split(":")
    assert kind == "sha256"
    assert len(digest) == 64


@pytest.mark.parametrize(
    "addition",
    ["[inference]\nlevel = 0.95", "[inference]\nseed = 1", '[multiplicity]\nprimary = "holm"', '[data]\nstrata = "p"'],
)
def test_a_default_that_is_stated_changes_the_fingerprint(addition: str) -> None:
    text = TOML.replace("[data]", addition) if addition.startswith("[data]") else TOML + addition
    assert AnalysisPlan.from_text(text).fingerprint != plan().fingerprint


def test_to_mapping_states_what_was_stated_and_no_more() -> None:
    assert plan().to_mapping() == {
        "schema": "virkning-plan/1",
        "title": "Løft",
        "design": "cluster_randomised",
        "estimand": "itt",
        "data": {"cluster": "school", "treated": "t"},
        "outcome": [
            {"column": "y", "role": "primary", "domain": "staff", "better": "higher", "minimal_important": 1.0}
        ],
    }


def test_to_toml_reads_back_with_every_section(stated: Callable[..., Mapping]) -> None:
    full = AnalysisPlan.from_mapping(
        stated(
            "stepped_wedge",
            model={"working_model": "fixed_effects", "fixed_effects": ["unit", "period"]},
            inference={"bootstrap": {"kind": "wild", "draws": 999}, "permutation": {"draws": 99}, "level": 0.9},
            missing={"method": "complete_cases"},
            multiplicity={"primary": "none"},
            subgroup=[{"column": "size"}],
        )
    )
    again = AnalysisPlan.from_text(full.to_toml())
    assert again == full
    assert again.fingerprint == full.fingerprint
    assert full.inference == Inference(
        level=0.9, bootstrap=full.inference.bootstrap, permutation=full.inference.permutation
    )


@given(st.text(min_size=1).filter(lambda text: text.strip() and text.isprintable()), st.floats(1e-6, 1e6))
def test_any_title_and_threshold_survive_the_file(title: str, least: float) -> None:
    outcome = replace(plan().outcomes[0], minimal_important=least)
    changed = replace(plan(), title=title, outcomes=(outcome,))
    assert AnalysisPlan.from_text(changed.to_toml()) == changed


@settings(max_examples=50)
@given(
    st.dictionaries(st.sampled_from(SECTIONS), JSON),
    st.dictionaries(st.sampled_from(SECTIONS), st.dictionaries(st.sampled_from(KEYS), JSON)),
)
def test_no_mapping_whatever_it_holds_gives_anything_but_a_plan_or_findings(replaced: Mapping, nested: Mapping) -> None:
    for mapping in ({**plan().to_mapping(), **replaced}, {**plan().to_mapping(), **nested}):
        try:
            read = AnalysisPlan.from_mapping(mapping)
        except PlanError as error:
            assert error.findings
            assert all(finding.text() for finding in error.findings)
        else:
            assert AnalysisPlan.from_mapping(read.to_mapping()) == read


@given(st.text())
def test_no_text_gives_anything_but_a_plan_or_findings(text: str) -> None:
    with pytest.raises(PlanError):
        AnalysisPlan.from_text(text)


@given(st.permutations(list(plan().to_mapping())))
def test_the_order_of_keys_does_not_change_the_fingerprint(keys: list[str]) -> None:
    mapping = plan().to_mapping()
    assert AnalysisPlan.from_mapping({key: mapping[key] for key in keys}).fingerprint == plan().fingerprint


def test_the_order_of_outcomes_is_part_of_the_plan(
    stated: Callable[..., Mapping], indicator: Callable[..., Mapping]
) -> None:
    outcomes = [indicator("y"), indicator("x")]
    forward, backward = (AnalysisPlan.from_mapping(stated(outcome=order)) for order in (outcomes, outcomes[::-1]))
    assert forward.fingerprint != backward.fingerprint


def test_unreadable_keys_and_contradictions_are_found_together(stated: Callable[..., Mapping]) -> None:
    mapping = stated(estimand="att", titel="x", inference={"seed": "one"})
    with pytest.raises(PlanError) as raised:
        AnalysisPlan.from_mapping(mapping)
    assert {finding.where for finding in raised.value.findings} == {"estimand", "titel", "inference.seed"}


def test_what_follows_from_an_unreadable_key_is_not_reported_twice(stated: Callable[..., Mapping]) -> None:
    with pytest.raises(PlanError) as raised:
        AnalysisPlan.from_mapping({**stated(), "design": "randomised"})
    assert [finding.where for finding in raised.value.findings] == ["design"]


@pytest.mark.parametrize(
    "text", ["", "a = ", "[[[", "a = " + "[" * 5000, "\x00", "a = " + "9" * 5000, "a = 2016-02-31"]
)
def test_text_that_is_no_plan_is_a_finding(text: str) -> None:
    with pytest.raises(PlanError):
        AnalysisPlan.from_text(text)


def test_a_file_that_cannot_be_opened_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(PlanError) as raised:
        AnalysisPlan.from_toml(tmp_path / "none.toml")
    assert codes(raised) == ["unreadable_file"]


def test_a_file_that_is_not_utf8_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(TOML.encode("latin-1"))
    with pytest.raises(PlanError) as raised:
        AnalysisPlan.from_toml(path)
    assert codes(raised) == ["not_utf8"]


def test_every_reference_plan_is_read_and_written_alike(reference: Path) -> None:
    for path in sorted((reference / "plans").glob("*.toml")):
        read = AnalysisPlan.from_toml(path)
        assert AnalysisPlan.from_text(read.to_toml()).fingerprint == read.fingerprint


@given(
    st.lists(
        st.tuples(st.integers(0, 11), st.sampled_from(["drop", "twice", "cut", "quote", "number", "swap"])), max_size=4
    )
)
@settings(max_examples=60)
def test_a_plan_file_that_was_mangled_is_a_plan_or_findings(slips: list[tuple[int, str]]) -> None:
    lines = TOML.strip().splitlines()
    for place, slip in slips:
        line = lines[place % len(lines)] if lines else ""
        mangled = {
            "drop": [],
            "twice": [line, line],
            "cut": [line[: len(line) // 2]],
            "quote": [line.replace('"', "", 1)],
            "number": [f"{line.split('=')[0]}= 1e400"],
            "swap": [line[::-1]],
        }
        lines[place % max(1, len(lines)) : place % max(1, len(lines)) + 1] = mangled[slip]
    try:
        read = AnalysisPlan.from_text("\n".join(lines))
    except PlanError as error:
        assert all(finding.text() and finding.where for finding in error.findings)
    else:
        assert AnalysisPlan.from_text(read.to_toml()) == read


@given(st.binary(max_size=60))
@settings(max_examples=40)
def test_no_file_gives_anything_but_a_plan_or_findings(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "plan.toml"
    for text in (content, TOML.encode() + content):
        path.write_bytes(text)
        try:
            AnalysisPlan.from_toml(path)
        except PlanError as error:
            assert error.findings
