"""What the rules of recommendation read, and the conditions they are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from effects.case import Case
from effects.codes import Role
from effects.grading import Grade, IndicatorGrade
from effects.message import Message
from effects.rules.gates import Gate
from effects.rules.indicator import Indicator
from effects.rules.pooled import SEVERAL
from effects.rules.ruleset import Ruleset
from effects.rules.steps import Value
from effects.rules.tristate import Tristate

Missing: TypeAlias = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule: true, false or not known.

    `missing` lists what an unknown state waits for, as (indicator, input), the indicator None for the whole case.
    """

    id: str
    state: Tristate
    message: Message
    inputs: Mapping[str, Value] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the rules of recommendation read."""

    case: Case
    ruleset: Ruleset
    grade: Grade
    gates: tuple[Gate, ...]

    @property
    def primaries(self) -> tuple[IndicatorGrade, ...]:
        """Primary indicators that count, in the case's order."""
        return tuple(item for item in self.grade.indicators if item.role is Role.PRIMARY and item.counts)

    @property
    def guardrails(self) -> tuple[IndicatorGrade, ...]:
        """Guardrails that count, in the case's order."""
        return tuple(item for item in self.grade.indicators if item.role is Role.GUARDRAIL and item.counts)

    def unread(self, graded: IndicatorGrade) -> tuple[Missing, ...]:
        """What the verdict on an indicator still waits for."""
        indicator = next(item for item in self.case.indicators if item.name == graded.name)
        stated = {"minimal_important": indicator.minimal_important}
        if indicator.minimal_important is not None or len(indicator.studies) < SEVERAL:
            stated = {"low": indicator.low, "high": indicator.high, **stated}
        return tuple((graded.name, name) for name, value in stated.items() if value is None)

    def ungraded(self, graded: IndicatorGrade) -> tuple[Missing, ...]:
        """What the certainty of an indicator still waits for; facts about the whole case carry no indicator."""
        own = Indicator.__dataclass_fields__
        waits = (name for step in graded.certainty.steps for name in step.missing)
        return tuple((graded.name if name in own else None, name) for name in waits)


def condition(
    name: str,
    state: Tristate,
    message: Message,
    inputs: Mapping[str, Value],
    thresholds: Mapping[str, float],
    missing: Iterable[Missing] = (),
) -> Condition:
    """A condition that lists what it waits for only while it is not known, each once."""
    waits = tuple(dict.fromkeys(missing)) if state is None else ()
    return Condition(name, state, message, inputs, thresholds, waits)


def gate_conditions(evidence: Evidence, kind: str) -> tuple[Condition, ...]:
    """One condition for each gate of the kind."""
    return tuple(
        condition(gate.id, gate.state, gate.title, gate.inputs, {}, ((None, name) for name in gate.missing))
        for gate in evidence.gates
        if gate.kind == kind
    )
