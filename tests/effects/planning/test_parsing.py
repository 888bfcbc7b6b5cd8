from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from effects import codes
from effects.planning.parsing import parse_sections
from effects.planning.sections import Bootstrap, Permutation

Mapping = dict[str, object]

FULL: Mapping = {
    "model": {
        "fixed_effects": ["unit", "period"],
        "control": "never_treated",
        "base_period": "universal",
        "anticipation": 1,
        "working_model": "fixed_effects",
        "estimator": "twfe",
        "harmonics": 2,
        "period_length": 12,
        "change": ["level", "slope"],
    },
    "inference": {
        "level": 0.9,
        "standard_error": "cr2",
        "working_variance": "identity",
        "lag": 3,
        "bootstrap": {"kind": "wild", "weights": "webb", "draws": 999},
        "permutation": {"draws": 999},
        "df_method": "satterthwaite",
        "seed": 1,
    },
    "missing": {"method": "multiple_imputation", "imputations": 50},
    "survey": {"fpc": "fpc", "calibration": "raking", "margins": {"stype": {"E": 4421, "H": 755}}, "wave": "wave"},
    "multiplicity": {"primary": "bonferroni", "secondary": "none"},
    "subgroup": [{"column": "size"}],
}


def wheres(mapping: Mapping) -> set[str]:
    return {finding.where for finding in parse_sections(mapping)[1]}


def test_every_key_of_the_contract_is_read(stated: Callable[..., Mapping]) -> None:
    sections, findings = parse_sections(stated(**FULL))
    assert findings == []
    assert sections.model.change == (codes.Change.LEVEL, codes.Change.SLOPE)
    assert sections.model.period_length == 12.0
    assert (sections.model.base_period, sections.model.anticipation) == (codes.BasePeriod.UNIVERSAL, 1.0)
    bootstrap = Bootstrap(codes.BootstrapKind.WILD, codes.BootstrapWeights.WEBB, 999)
    assert sections.inference.bootstrap == bootstrap
    assert sections.inference.permutation == Permutation(999)
    assert sections.inference.df_method is codes.DfMethod.SATTERTHWAITE
    assert sections.missing.imputations == 50
    assert sections.survey.margins == {"stype": {"E": 4421.0, "H": 755.0}}
    assert sections.multiplicity.secondary is codes.Adjustment.NONE
    assert [subgroup.column for subgroup in sections.subgroups] == ["size"]


def test_every_role_of_the_data_is_read(stated: Callable[..., Mapping]) -> None:
    roles = "unit period cluster treated first_treated received group weight strata sequence persons"
    data: Mapping = {role: f"c_{role}" for role in roles.split()}
    sections, findings = parse_sections(stated(data={**data, "start": 2005}))
    assert findings == []
    assert all(getattr(sections.data, role) == f"c_{role}" for role in roles.split())
    assert sections.data.start == 2005


def test_a_silent_plan_leaves_everything_open(stated: Callable[..., Mapping]) -> None:
    sections, findings = parse_sections(stated())
    assert findings == []
    assert sections.inference.level is None
    assert sections.inference.bootstrap is None
    assert sections.model.fixed_effects == ()
    assert sections.outcomes[0].claim is None


def test_an_empty_mapping_lacks_everything_that_is_required() -> None:
    assert wheres({}) == {"schema", "title", "design", "estimand", "data", "outcome"}


@pytest.mark.parametrize("key", ["column", "role", "domain", "better"])
def test_an_outcome_needs_each_of_its_four_keys(
    stated: Callable[..., Mapping], indicator: Callable[..., Mapping], key: str
) -> None:
    mapping = stated()
    outcome = dict(indicator("y"))
    del outcome[key]
    mapping["outcome"] = [outcome]
    assert wheres(mapping) == {f"outcome[0].{key}"}


@pytest.mark.parametrize(
    ("section", "value", "where"),
    [
        ("schema", "virkning-plan/2", "schema"),
        ("data", {"treatment": "x"}, "data.treatment"),
        ("model", {"speed": 1}, "model.speed"),
        ("inference", {"bootstrap": {"weights": "webb"}}, "inference.bootstrap.kind"),
        ("inference", {"bootstrap": {"kind": "wild", "draws": 5}}, "inference.bootstrap.draws"),
        ("inference", {"permutation": {"draw": 5}}, "inference.permutation.draw"),
        ("inference", {"seed": -1}, "inference.seed"),
        ("inference", [], "inference"),
        ("missing", {"methods": "x"}, "missing.methods"),
        ("survey", {"margins": {"a": {"b": "many"}}}, "survey.margins.a.b"),
        ("multiplicity", {"primary": "sidak"}, "multiplicity.primary"),
        ("subgroup", [{}], "subgroup[0].column"),
        ("outcome", "y", "outcome"),
        ("notes", "x", "notes"),
    ],
)
def test_what_cannot_be_read_is_found_where_it_stands(
    stated: Callable[..., Mapping], section: str, value: object, where: str
) -> None:
    assert where in wheres(stated(**{section: value}))


def test_findings_of_all_sections_are_given_at_once(stated: Callable[..., Mapping]) -> None:
    mapping = stated(model={"a": 1}, inference={"b": 1}, missing={"c": 1}, multiplicity={"d": 1}, title="")
    assert wheres(mapping) == {"model.a", "inference.b", "missing.c", "multiplicity.d", "title"}


# ---- every key, one at a time and all at once ------------------------------------------------------------------------

Path = tuple[str | int, ...]
ROLES = "unit period cluster treated first_treated received group weight strata sequence persons"
EVERYTHING: Mapping = {
    "schema": "virkning-plan/1",
    "title": "Everything",
    "design": "stepped_wedge",
    "estimand": "itt",
    "data": {**{role: f"c_{role}" for role in ROLES.split()}, "start": 2005},
    "outcome": [
        {
            "column": "y",
            "name": "why",
            "role": "primary",
            "domain": "staff",
            "better": "lower",
            "claim": "not_worse",
            "minimal_important": 0.5,
            "margin": 0.25,
            "covariates": ["x", "log(z)"],
            "family": "gaussian",
            "offset": "o",
        }
    ],
    **FULL,
}
REQUIRED = {"schema", "title", "design", "estimand"} | {
    f"outcome[0].{key}" for key in ("column", "role", "domain", "better")
}
REQUIRED |= {"inference.bootstrap.kind", "subgroup[0].column"}
WRONG: dict[type, list[object]] = {
    str: [3, True, "", "  ", "a\nb", ["a"], {"a": "b"}, 1.5],
    int: ["3", True, [3], {"a": 3}, float("nan"), float("inf")],
    float: ["0.5", True, [0.5], {"a": 0.5}, float("nan"), float("inf"), 10**400],
    list: ["x", 3, [], [3], [[]], {"a": 1}, ["x", "x"]],
}


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every key that holds a value, a list of values counting as one."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path, value


def tables(value: object, path: Path = ()) -> Iterator[Path]:
    """Every table but those whose keys are the user's own: population totals by column and level."""
    if isinstance(value, dict) and "margins" not in path:
        yield path
        for key, inner in value.items():
            yield from tables(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from tables(inner, (*path, place))


def written(path: Path) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def table_at(mapping: Any, path: Path) -> Any:
    for part in path:
        mapping = mapping[part]
    return mapping


def changed(path: Path, value: object) -> Mapping:
    mapping = deepcopy(EVERYTHING)
    table_at(mapping, path[:-1])[path[-1]] = value
    return mapping


LEAVES = {written(path): (path, value) for path, value in leaves(EVERYTHING)}


def test_a_plan_that_states_every_key_is_read() -> None:
    assert len(LEAVES) > 45
    assert wheres(EVERYTHING) == set()


@pytest.mark.parametrize("where", LEAVES)
def test_a_wrong_value_of_any_key_is_found_there_and_nowhere_else(where: str) -> None:
    path, value = LEAVES[where]
    moment = where == "data.start"
    for wrong in [[], {}, float("nan")] if moment else WRONG[type(value)]:
        _, findings = parse_sections(changed(path, wrong))
        assert findings, wrong
        assert {finding.where.split(f"{where}[")[0].removesuffix(where) for finding in findings} == {""}, wrong
        assert all(finding.text() for finding in findings)


@pytest.mark.parametrize("where", LEAVES)
def test_any_key_may_be_left_out_unless_it_is_required(where: str) -> None:
    mapping = deepcopy(EVERYTHING)
    path, _ = LEAVES[where]
    del table_at(mapping, path[:-1])[path[-1]]
    assert wheres(mapping) == ({where} if where in REQUIRED else set())


def test_all_keys_wrong_at_once_are_all_found_at_once() -> None:
    mapping = deepcopy(EVERYTHING)
    for path, _ in LEAVES.values():
        table_at(mapping, path[:-1])[path[-1]] = [[]] if path[-1] != "start" else []
    found = {where.split("[[")[0] for where in wheres(mapping)}
    for where in LEAVES:
        assert any(place.startswith(where) for place in found), where


@pytest.mark.parametrize("path", list(tables(EVERYTHING)), ids=written)
def test_an_unknown_key_is_found_in_every_table(path: Path) -> None:
    mapping = deepcopy(EVERYTHING)
    table_at(mapping, path)["nonsense"] = 1
    assert wheres(mapping) == {written((*path, "nonsense"))}


@pytest.mark.parametrize("section", ["data", "outcome", "model", "inference", "missing", "survey", "subgroup"])
@pytest.mark.parametrize("value", [3, "x", [3], [[]], True])
def test_a_section_of_another_kind_is_found(section: str, value: object) -> None:
    assert section in wheres({**EVERYTHING, section: value})


@pytest.mark.parametrize("key", ["titel", "desgn", "estimands", "outcomes", "inferense"])
def test_a_slip_of_the_pen_is_offered_the_key_that_was_meant(key: str) -> None:
    meant = {
        "titel": "title",
        "desgn": "design",
        "estimands": "estimand",
        "outcomes": "outcome",
        "inferense": "inference",
    }
    (finding,) = parse_sections({**EVERYTHING, key: "x"})[1]
    assert finding.text() == f"{key} is not known here. Did you mean {meant[key]}?"
