"""What might be true of a technology, as the user names it before anything is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from effects.codes import Role
from effects.decision_simulation.setting import Expected
from effects.message import Message

HELPS = 1.5


@dataclass(frozen=True, slots=True)
class Truth:
    """Effects by indicator in minimal important differences, + for an improvement; what is not named is not affected.

    `probability` is what the user holds this truth for, before the pilot; None where he has not said.
    """

    name: str
    title: Message
    effects: Mapping[str, float] = field(default_factory=dict)
    probability: float | None = None


def offered(indicators: Sequence[Expected]) -> tuple[Truth, ...]:
    """Truths to begin with: nothing helps, all help, some help, a harm to one primary indicator or guardrail."""
    primaries = [item.name for item in indicators if item.role is Role.PRIMARY]
    guardrails = [item for item in indicators if item.role is Role.GUARDRAIL]
    some = primaries[: max(1, len(primaries) // 2)]
    truths = [
        Truth("nothing_helps", Message("Nothing helps")),
        Truth("all_help", Message("All primary indicators improve by what matters"), dict.fromkeys(primaries, 1.0)),
        Truth(
            "all_help_more",
            Message("All primary indicators improve by one and a half times what matters"),
            dict.fromkeys(primaries, HELPS),
        ),
    ]
    if len(primaries) > 1:
        truths += [
            Truth(
                "some_help",
                Message("{some} of {all} primary indicators improve", {"some": len(some), "all": len(primaries)}),
                dict.fromkeys(some, HELPS),
            ),
            Truth(
                "primary_harmed",
                Message("Others improve, one primary indicator is harmed by what matters"),
                {**dict.fromkeys(some, HELPS), primaries[-1]: -1.0},
            ),
        ]
    if guardrails:
        harm = guardrails[0].harm_margin / guardrails[0].minimal_important
        truths.append(
            Truth(
                "guardrail_harmed",
                Message("All primary indicators improve, a guardrail is harmed by its margin"),
                {**dict.fromkeys(primaries, HELPS), guardrails[0].name: -harm},
            )
        )
    return tuple(truths)
