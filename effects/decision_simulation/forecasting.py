"""How often each recommendation would be given, under every truth the user names."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Final

from effects.codes import Kind
from effects.decision_simulation.advising import Advice, Known, advise
from effects.decision_simulation.drawing import draw
from effects.decision_simulation.figures import read
from effects.decision_simulation.peers import rolled_out
from effects.decision_simulation.setting import Setting
from effects.decision_simulation.truths import Truth
from effects.inference.draw_blocks import Block, even_blocks
from effects.message import spoken
from effects.rules.ruleset import Ruleset, load_ruleset
from effects.spread import spread

SCHEMA: Final = "virkning-simulation/1"
SETTLING: Final = frozenset({"R1", "R2", "R3", "R4"})
"""Rules whose answer settles the matter."""
REPLICATIONS: Final = 2_000
"""Replications of a block, at least so many where there are several; below twice as many there is one."""


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
    return forecasts([setting], truths, replications=replications, seed=seed, ruleset=ruleset)[0]


def forecasts(
    settings: Sequence[Setting],
    truths: Sequence[Truth],
    *,
    replications: int,
    seed: int,
    ruleset: Ruleset | None = None,
) -> list[Forecast]:
    """The forecast of each setting; every block of replications of every setting may be done elsewhere."""
    if replications < 1:
        raise ValueError("a forecast needs at least one replication")
    rules = load_ruleset() if ruleset is None else ruleset
    run = _Run(tuple(settings), tuple(truths), seed, rules, tuple({} for _ in settings))
    cut = even_blocks(replications, max(1, replications // REPLICATIONS))
    parts = [(place, block) for place in range(len(settings)) for block in cut]
    tallies = spread(_tallied, run, parts)
    found = []
    for place in range(len(settings)):
        own = zip(*tallies[place * len(cut) : (place + 1) * len(cut)], strict=True)
        outlooks = tuple(
            _outlook(truth, rules, list(of_blocks), replications) for truth, of_blocks in zip(truths, own, strict=True)
        )
        found.append(Forecast(rules.version, replications, seed, outlooks, _settled(outlooks)))
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    """What all parts share; `known` grows wherever several parts of a setting are done."""

    settings: tuple[Setting, ...]
    truths: tuple[Truth, ...]
    seed: int
    ruleset: Ruleset
    known: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class _Tally:
    """How often each advice was given under one truth, and how often each peer rolled out."""

    advice: Counter[Advice] = field(default_factory=Counter)
    peers: Counter[str] = field(default_factory=Counter)


def _tallied(run: _Run, part: tuple[int, Block]) -> list[_Tally]:
    """A tally for each truth."""
    place, block = part
    setting, found = run.settings[place], []
    for truth in run.truths:
        estimates = draw(setting, truth, block.draws, block.seed(run.seed))
        advice = advise(setting, read(setting, estimates, run.ruleset), run.ruleset, run.known[place])
        peers = rolled_out(setting, estimates, run.ruleset.constant("level"))
        found.append(_Tally(Counter(advice), Counter({name: int(did.sum()) for name, did in peers.items()})))
    return found


def _outlook(truth: Truth, ruleset: Ruleset, tallies: Iterable[_Tally], replications: int) -> Outlook:
    kinds, rules, peers = Counter[Kind](), Counter[str](), Counter[str]()
    for tally in tallies:
        peers.update(tally.peers)
        for (kind, rule), times in tally.advice.items():
            kinds[kind] += times
            rules[rule] += times
    return Outlook(
        truth=truth,
        kinds={kind: share(kinds[kind], replications) for kind in Kind},
        rules={rule: share(rules[rule], replications) for rule in ruleset.recommendations},
        settled=share(sum(rules[rule] for rule in SETTLING), replications),
        peers={name: share(times, replications) for name, times in peers.items()},
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
