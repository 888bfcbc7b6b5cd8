"""Clusters that are made part of others: which may be, and which merge lets enough people stand behind each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from effects.codes import Design, FixedEffect
from effects.compression.plan_reasons import BY_ARM
from effects.compression.relation import Relation, label_of
from effects.compression.sampling import placed
from effects.compression.unit_changes import start_of
from effects.errors import Finding
from effects.federation.judging import holds
from effects.federation.people import Members
from effects.message import Message
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings
from effects.rows.parquet import quoted

Path: TypeAlias = Mapping[str, frozenset[float]]
"""The treatments found in a cluster at each period or stratum; one level without a name where there are none."""

Behind: TypeAlias = Mapping[str, Members]
"""The people of one cluster by outcome."""

_PANELS: Final = frozenset({Design.STEPPED_WEDGE, Design.TWO_PERIOD_DID})


def paths_of(relation: Relation, plan: PlanSections) -> dict[str, Path]:
    """The treatment path of each cluster; empty where the plan has no clusters.

    Of staggered adoption the levels are the first treated periods, beside one without a name for before.
    """
    roles = plan.data
    if roles.assignment is None:
        return {}
    column = roles.period if plan.design in _PANELS else roles.strata
    level, dose = "''" if column is None else quoted(column), f"CAST({quoted(roles.treated or '')} AS DOUBLE)"
    rows = f"{relation.table} WHERE {placed(relation, plan)}"
    if plan.design is Design.STAGGERED_ADOPTION:
        rows = f"(SELECT *, {quoted(roles.first_treated or '')} AS f FROM {rows})"
        level, dose = start_of(relation, plan), "1"
    found: dict[str, dict[str, frozenset[float]]] = {}
    for cluster, value, treated in relation.ask(
        f"SELECT DISTINCT {quoted(roles.assignment)}, {level}, {dose} FROM {rows} ORDER BY ALL"
    ):
        path = found.setdefault(label_of(cluster), {"": frozenset({0.0})} if dose == "1" else {})
        if value is not None or dose != "1":
            name = "" if value is None else label_of(value)
            path[name] = path.get(name, frozenset()) | {float(treated)}
    return dict(found)


def alike(one: Path, other: Path) -> bool:
    """Whether two clusters are treated alike wherever both were observed."""
    shared = one.keys() & other.keys()
    starts = "" in shared and one.keys() != other.keys()
    return bool(shared) and not starts and all(one[level] == other[level] for level in shared)


def wrong_merges(
    merged: Mapping[str, str], paths: Mapping[str, Path], plan: PlanSections, settings: Settings
) -> list[Finding]:
    """Everything that is wrong with the merges that were asked for."""
    if not merged:
        return []
    if plan.data.assignment is None or settings.standard_error in BY_ARM:
        return [_wrong("no_clusters", "The plan has no clusters that could be merged.", "Leave out --merge.", {})]
    effects = set(settings.fixed_effects)
    own = FixedEffect.UNIT in effects and plan.data.unit == plan.data.assignment
    if FixedEffect.CLUSTER in effects or own:
        message = "The plan takes an effect of each cluster out, so that no cluster can be part of another."
        remedy = "Leave out --merge, and make one file together with another authority."
        return [_wrong("cluster_effects", message, remedy, {})]
    return [finding for pair in sorted(merged.items()) for finding in _wrong_pair(pair, merged, paths)]


def _wrong_pair(pair: tuple[str, str], merged: Mapping[str, str], paths: Mapping[str, Path]) -> Iterator[Finding]:
    named = {"cluster": pair[0], "into": pair[1]}
    unknown = [name for name in pair if name not in paths]
    yield from (
        _wrong(
            "no_such_cluster", "There is no cluster {cluster}.", "Name clusters as the file does.", {"cluster": name}
        )
        for name in unknown
    )
    if pair[1] in merged:
        message = "{cluster} is to be part of {into}, which is to be part of another cluster."
        yield _wrong("merged_twice", message, "Name the last of them in each --merge.", named)
    elif not unknown and not alike(paths[pair[0]], paths[pair[1]]):
        message = "{cluster} and {into} are not treated alike."
        yield _wrong("other_treatment", message, "Merge clusters that start treatment together.", named)


def _wrong(code: str, message: str, remedy: str, params: Mapping[str, str]) -> Finding:
    return Finding("--merge", code, message, remedy, params)


def helping(cluster: str, behind: Mapping[str, Behind], paths: Mapping[str, Path], minimum: int) -> Sequence[str]:
    """The clusters, smallest first, that this one must be one with for the rule to hold; empty where none helps.

    One cluster is enough where there is one, and else as few as come to enough people.
    """
    order = sorted((_people(own), name) for name, own in behind.items() if name != cluster)
    others = [name for _, name in order if name in paths and alike(paths[cluster], paths[name])]
    for other in others:
        if holds(joined([behind[cluster], behind[other]]), minimum):
            return [other]
    for number in range(2, len(others) + 1):
        if holds(joined([behind[cluster], *(behind[other] for other in others[:number])]), minimum):
            return others[:number]
    return []


def joined(parts: Sequence[Behind]) -> dict[str, Members]:
    """Several clusters as one."""
    found: dict[str, Members] = {}
    for part in parts:
        for outcome, members in part.items():
            found[outcome] = found[outcome] + members if outcome in found else members
    return found


def others_alike(path: Path) -> Message:
    """With whom to make one file where no cluster of these rows helps."""
    ever = [level for level, doses in path.items() if doses != {0.0}]
    if not ever:
        return Message(
            "No cluster in these rows helps: make one file together with an authority that is never treated."
        )
    if len(ever) == len(path):
        return Message("No cluster in these rows helps: make one file together with one that is treated throughout.")
    return Message(
        "No cluster in these rows helps: make one file together with an authority that is treated from {period} on.",
        {"period": ever[0]},
    )


def _people(behind: Behind) -> float:
    return max(members.people for members in behind.values())
