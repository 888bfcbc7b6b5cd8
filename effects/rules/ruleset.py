"""Loads a rule set: every constant, title and source that grades and recommendations are made from."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Constant:
    """A number the rules compare with; `calibrated` marks our own choice among several defensible ones."""

    value: float
    calibrated: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Design:
    """What grading needs to know of a design; `start` names the rung of the ladder (D0 to D5)."""

    start: str
    arms: bool
    randomised: bool
    clustered: bool
    placebos: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One gate, rung, step or recommendation with its thresholds by name.

    `applies` lists the rungs a step is for (empty: all); `needs` what a rung asks for before it gives its `start`;
    `kinds` what a recommendation can advise; `kind` whether a gate is about validity or roll-out; `values` are those of
    the thresholds. `relative_to_statement`: the rule is read against what the interval says, also of no gain and
    `improvement_proven`: a roll-out asks for a claim of an improvement among the proven ones (both from version 2 on).
    """

    id: str
    title: str
    source: str
    remedy: str = ""
    supplier: str = ""
    kind: str = ""
    kinds: tuple[str, ...] = ()
    applies: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    guardrail_domains: tuple[str, ...] = ()
    start: int = 0
    otherwise: int = 0
    relative_to_statement: bool = False
    improvement_proven: bool = False
    thresholds: Mapping[str, Constant] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)

    def at(self, name: str) -> float:
        """Value of a threshold; KeyError where the rule has none of that name."""
        return self.values[name]


@dataclass(frozen=True, slots=True)
class Input:
    """What an input is called and who can supply it."""

    title: str
    supplier: str


@dataclass(frozen=True, slots=True)
class Ruleset:
    """One version of the rules; mappings keep the order of the file, which is the order of the ladders."""

    version: str
    title: str
    constants: Mapping[str, Constant]
    verdicts: Mapping[str, str]
    certainty: Mapping[int, str]
    starts: Mapping[str, Rule]
    designs: Mapping[str, Design]
    steps: Mapping[str, Rule]
    gates: Mapping[str, Rule]
    recommendations: Mapping[str, Rule]
    suppliers: Mapping[str, str]
    inputs: Mapping[str, Input]

    def constant(self, name: str) -> float:
        """Value of a constant that belongs to no single rule."""
        return self.constants[name].value

    def supplier(self, name: str) -> str:
        """Who can supply an input, in words."""
        return self.suppliers[self.inputs[name].supplier]


@cache
def shipped() -> tuple[str, ...]:
    """The versions that can be loaded, the oldest first."""
    names = (entry.name for entry in files("effects").joinpath("rules").iterdir())
    versions = (name[1:-5] for name in names if name.startswith("v") and name.endswith(".toml"))
    return tuple(sorted(versions, key=int))


@cache
def load_ruleset(version: str = "1") -> Ruleset:
    """The rule set of a version as shipped; FileNotFoundError where there is none."""
    return ruleset_from_mapping(_table(version))


def _table(version: str) -> Mapping[str, Any]:
    """The file of a version; one that extends another states only what differs, entries of a list by their id."""
    table = tomllib.loads(files("effects").joinpath("rules", f"v{version}.toml").read_text("utf-8"))
    if "extends" not in table:
        return table
    base = dict(_table(table.pop("extends")))
    for name, stated in table.items():
        if isinstance(stated, list):
            changed = {entry["id"]: entry for entry in stated}
            base[name] = [entry | changed.get(entry["id"], {}) for entry in base[name]]
        else:
            base[name] = base[name] | stated if isinstance(stated, dict) else stated
    return base


def ruleset_from_mapping(table: Mapping[str, Any]) -> Ruleset:
    """A rule set from its parsed file; KeyError or TypeError where the file is not one."""
    return Ruleset(
        version=table["version"],
        title=table["title"],
        constants={name: Constant(**entry) for name, entry in table["constants"].items()},
        verdicts={entry["id"]: entry["title"] for entry in table["verdict"]},
        certainty={entry["level"]: entry["label"] for entry in table["certainty"]},
        starts=_rules(table["start"]),
        designs={name: Design(**entry) for name, entry in table["designs"].items()},
        steps=_rules(table["step"]),
        gates=_rules(table["gate"]),
        recommendations=_rules(table["recommendation"]),
        suppliers=table["suppliers"],
        inputs={name: Input(**entry) for name, entry in table["inputs"].items()},
    )


def _rules(entries: list[dict[str, Any]]) -> Mapping[str, Rule]:
    return {entry["id"]: _rule(entry) for entry in entries}


def _rule(entry: dict[str, Any]) -> Rule:
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    thresholds = {name: Constant(**constant) for name, constant in entry.get("thresholds", {}).items()}
    values = {name: constant.value for name, constant in thresholds.items()}
    return Rule(**(plain | {"thresholds": thresholds, "values": values}))
