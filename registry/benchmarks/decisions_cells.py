"""The table of the rules' own design: pilots, truths, what a prototype measured, and what must hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from effects.codes import Better, Domain, Role
from effects.decision_simulation import Expected, Setting, Truth, economy_at
from effects.message import Message

TAUS: Final = (0.0, 0.3, 0.6)
CORRELATION: Final = 0.3
ECONOMY: Final = 0.9
PROTOTYPE_TRIALS: Final = 2_000
PRIMARIES: Final = tuple(
    f"primary {domain.value}" for domain in (Domain.CITIZEN, Domain.STAFF, Domain.ORGANISATION, Domain.TECHNOLOGY)
)
GUARDRAILS: Final = tuple(f"guardrail {domain.value}" for domain in (Domain.SAFETY, Domain.STAFF, Domain.EQUITY))
DO_NO_HARM: Final = "do no harm, 1 pilot, SE 0.35"
ALL_GOALS_WIN: Final = "all goals win, 1 pilot, SE 0.35"
PEERS: Final[Mapping[str, str]] = MappingProxyType(
    {"do_no_harm": DO_NO_HARM, "all_goals_win": ALL_GOALS_WIN},
)
"""What the simulator calls the peers' rules, and what the table does."""


@dataclass(frozen=True, slots=True)
class Pilots:
    """So many, each with this standard error, in minimal important differences."""

    name: str
    pilots: int
    standard_error: float


ONE: Final = Pilots("these rules, 1 pilot, SE 0.35", 1, 0.35)
THREE: Final = Pilots("these rules, 3 pilots, SE 0.35", 3, 0.35)
SIX: Final = Pilots("these rules, 6 pilots, SE 0.5", 6, 0.5)
ALL_PILOTS: Final = (ONE, THREE, SIX)

_HELP: Final = dict.fromkeys(PRIMARIES, 1.5)
_TWO_HELP: Final = dict.fromkeys(PRIMARIES[:2], 1.5)


def _truth(name: str, effects: Mapping[str, float]) -> Truth:
    return Truth(name, Message(name), effects)


USELESS: Final = _truth("all null", {})
ALL_HELP: Final = _truth("all 4 help by 1.5 m", _HELP)
TWO_HELP: Final = _truth("2 of 4 help by 1.5 m", _TWO_HELP)
HARMED: Final = _truth("2 help, one primary harmed by 1.5 m", {**_TWO_HELP, PRIMARIES[3]: -1.5})
GUARDRAIL_HARMED: Final = _truth("all help, a guardrail harmed by its margin", {**_HELP, GUARDRAILS[0]: -1.0})
TRUTHS: Final = (USELESS, ALL_HELP, TWO_HELP, HARMED, GUARDRAIL_HARMED)
GOOD: Final = frozenset({ALL_HELP.name, TWO_HELP.name})
"""Truths that should be rolled out; of the others, less is better."""

PROTOTYPE: Final[Mapping[tuple[str, str], tuple[float, ...]]] = MappingProxyType(
    {
        (USELESS.name, DO_NO_HARM): (0.869,),
        (ALL_HELP.name, DO_NO_HARM): (0.923,),
        (TWO_HELP.name, DO_NO_HARM): (0.891,),
        (GUARDRAIL_HARMED.name, DO_NO_HARM): (0.011,),
        (USELESS.name, ALL_GOALS_WIN): (0.000,),
        (ALL_HELP.name, ALL_GOALS_WIN): (0.871,),
        (TWO_HELP.name, ALL_GOALS_WIN): (0.003,),
        (GUARDRAIL_HARMED.name, ALL_GOALS_WIN): (0.010,),
        (USELESS.name, THREE.name): (0.000, 0.002, 0.016),
        (ALL_HELP.name, THREE.name): (0.97, 0.90, 0.63),
        (TWO_HELP.name, THREE.name): (0.97, 0.84, 0.49),
        (HARMED.name, THREE.name): (0.000, 0.000, 0.004),
        (GUARDRAIL_HARMED.name, THREE.name): (0.007, 0.029, 0.082),
        (USELESS.name, SIX.name): (0.002, 0.003, 0.009),
        (ALL_HELP.name, SIX.name): (0.99, 0.97, 0.82),
        (TWO_HELP.name, SIX.name): (0.98, 0.94, 0.75),
        (HARMED.name, SIX.name): (0.000, 0.000, 0.002),
        (GUARDRAIL_HARMED.name, SIX.name): (0.014, 0.040, 0.060),
    }
)
"""Share rolled out by truth and rules at each tau, as measured when the rules were settled; peers at tau = 0."""

BOUNDS: Final[Mapping[tuple[str, str], tuple[float, ...]]] = MappingProxyType(
    {
        (USELESS.name, THREE.name): (0.01, 0.01),
        (ALL_HELP.name, THREE.name): (0.95, 0.88),
        (TWO_HELP.name, THREE.name): (0.95, 0.82),
        (HARMED.name, THREE.name): (0.01, 0.01, 0.01),
        (GUARDRAIL_HARMED.name, THREE.name): (0.05, 0.05),
    }
)
"""Least (where something helps) or most that may be rolled out at each tau; none is asked beyond those listed."""


def setting(pilots: Pilots, tau: float) -> Setting:
    """4 primaries in 4 domains and guardrails for safety, staff and equity, in units of what matters; margin = m."""
    wanted = [
        *((name, Role.PRIMARY) for name in PRIMARIES),
        *((name, Role.GUARDRAIL) for name in GUARDRAILS),
    ]
    return Setting(
        indicators=tuple(
            Expected(
                name=name,
                role=role,
                domain=Domain(name.rpartition(" ")[2]),
                better=Better.HIGHER,
                minimal_important=1.0,
                standard_error=pilots.standard_error,
            )
            for name, role in wanted
        ),
        design="cluster_randomised",
        pilots=pilots.pilots,
        tau=tau,
        correlation=CORRELATION,
        economy=economy_at(ECONOMY),
    )
