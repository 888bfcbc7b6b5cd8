"""The analysis plan: read, checked and frozen before any data are seen."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Self

import tomli_w

from effects.errors import PlanError
from effects.planning.checks import contradictions
from effects.planning.parsing import parse_sections
from effects.planning.sections import SCHEMA, PlanSections
from effects.planning.toml_files import parse_toml, read_toml
from effects.serialize import fingerprint

_FILE_KEYS = {
    "outcomes": "outcome",
    "subgroups": "subgroup",
    "indices": "index",
    "intercurrent_events": "intercurrent_event",
}


@dataclass(frozen=True, slots=True)
class AnalysisPlan(PlanSections):
    """A plan that contradicts itself nowhere. Making one, by whatever way, raises PlanError with every finding."""

    def __post_init__(self) -> None:
        """Check a plan however it was made."""
        findings = contradictions(self)
        if findings:
            raise PlanError(findings)

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read a plan file in UTF-8; raises PlanError, also where the file cannot be read."""
        return cls.from_mapping(read_toml(Path(path), PlanError))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read TOML; raises PlanError."""
        return cls.from_mapping(parse_toml(text, "plan", PlanError))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> Self:
        """Read the nested mapping that a plan file or a form holds; raises PlanError."""
        sections, unreadable = parse_sections(mapping)
        reported = {finding.where for finding in unreadable}
        if unreadable:
            if not reported & {"design", "outcome"}:
                unreadable.extend(item for item in contradictions(sections) if item.where not in reported)
            raise PlanError(unreadable)
        return cls(*(getattr(sections, item.name) for item in fields(PlanSections)))

    def to_mapping(self) -> dict[str, object]:
        """The keys as stated, in the order of the contract; silent keys are absent."""
        stated = {_FILE_KEYS.get(item.name, item.name): _stated(getattr(self, item.name)) for item in fields(self)}
        return {"schema": SCHEMA, **{key: value for key, value in stated.items() if value not in (None, {}, [])}}

    def to_toml(self) -> str:
        """A plan file with the same fingerprint."""
        return tomli_w.dumps(self.to_mapping())

    @property
    def fingerprint(self) -> str:
        """`sha256:...` of the canonical JSON of the keys as stated, without defaults."""
        return fingerprint(self.to_mapping())


def _stated(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        pairs = ((item.name, _stated(getattr(value, item.name))) for item in fields(value))
        return {key: item for key, item in pairs if item not in (None, {}, [])}
    if isinstance(value, Mapping):
        return {str(key): _stated(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_stated(item) for item in value]
    return value
