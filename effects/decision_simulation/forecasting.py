"""How often each recommendation would be given, under every truth the user names."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from effects.codes import Kind
from effects.decision_simulation.advising import Known, advise
from effects.decision_simulation.drawing import draw
from effects.decision_simulation.figures import read
from effects.decision_simulation.peers import rolled_out
from effects.decision_simulation.setting import Setting
from effects.decision_simulation.truths import Truth
from effects.message import spoken
from effects.rules.ruleset import Ruleset, load_ruleset

SCHEMA: Final = "virkning-simulation/1"
SETTLING: Final = frozenset({"R1", "R2", "R3", "R4"})
"""Rules whose answer settles the matter."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the replications and its Monte Carlo standard error, sqrt(p (1 - p) / n)."""

    share: float
    error: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one truth would lead to: share of every kind of advice, of every rule, and what peers' rules would do."""

    truth: Truth
    kinds: Mapping[Kind, Share]
    rules: Mapping[str, Share]
    settled: Share
    peers: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Truths in the order given; `probability_settled` weighs them by the user's prior, None where it is not whole."""

    rules_version: str
    replications: int
    seed: int
    outlooks: tuple[Outlook, ...]
    probability_settled: float | None

    def to_mapping(self) -> dict[str, object]:
        """JSON-ready, deterministic."""
        return {"schema": SCHEMA, **spoken(self)}


def forecast(
    setting: Setting, truths: Sequence[Truth], *, replications: int, seed: int, ruleset: Ruleset | None = None
) -> Forecast:
    """Simulates what the rules (the shipped version 1 where none are given) would advise under each truth.

    Every truth meets the same deviations and errors, so that differences between truths are sharper than their Monte
    Carlo errors say. ValueError for less than one replication.
    """
    if replications < 1:
        raise ValueError("a forecast needs at least one replication")
    rules = load_ruleset() if ruleset is None else ruleset
    known: Known = {}
    outlooks = tuple(_outlook(setting, truth, replications, seed, rules, known) for truth in truths)
    return Forecast(rules.version, replications, seed, outlooks, _settled(outlooks))


def _outlook(setting: Setting, truth: Truth, replications: int, seed: int, ruleset: Ruleset, known: Known) -> Outlook:
    estimates = draw(setting, truth, replications, seed)
    advice = advise(setting, read(setting, estimates, ruleset), ruleset, known)
    kinds, rules = Counter(kind for kind, _ in advice), Counter(rule for _, rule in advice)
    peers = rolled_out(setting, estimates, ruleset.constant("level"))
    return Outlook(
        truth=truth,
        kinds={kind: share(kinds[kind], replications) for kind in Kind},
        rules={rule: share(rules[rule], replications) for rule in ruleset.recommendations},
        settled=share(sum(rules[rule] for rule in SETTLING), replications),
        peers={name: share(int(found.sum()), replications) for name, found in peers.items()},
    )


def share(count: int, replications: int) -> Share:
    """A count of replications as a share of them."""
    part = count / replications
    return Share(part, sqrt(part * (1.0 - part) / replications))


def _settled(outlooks: Sequence[Outlook]) -> float | None:
    """The weighted share; the probabilities must be those of all truths and add up to 1."""
    stated = [(outlook.truth.probability, outlook.settled.share) for outlook in outlooks]
    weights = [probability for probability, _ in stated if probability is not None]
    if len(weights) < len(stated) or abs(sum(weights) - 1.0) > 1e-9:
        return None
    return sum(weight * part for weight, (_, part) in zip(weights, stated, strict=True))
