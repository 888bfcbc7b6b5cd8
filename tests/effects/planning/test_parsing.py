from collections.abc import Callable

import pytest

from effects import codes
from effects.planning.parsing import parse_sections
from effects.planning.sections import Bootstrap, Permutation

Mapping = dict[str, object]

FULL: Mapping = {
    "model": {
        "fixed_effects": ["unit", "period"],
        "control": "never_treated",
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
