"""An authority's moments: the exact statistic of a plan that discloses least, judged before anything is written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

import duckdb

from effects.compression.compress import compress
from effects.compression.conditions import columns_need_rows
from effects.compression.files import to_bytes
from effects.compression.relation import open_relation
from effects.compression.staging import staged, with_merged
from effects.disclosure import MINIMUM_PEOPLE
from effects.errors import DataError, Finding
from effects.federation.answering import effects_need_squares, readiness, squares_leave
from effects.federation.centring import at_means
from effects.federation.judging import Standing, holds, standing
from effects.federation.losing import losing
from effects.federation.merging import Behind, helping, joined, others_alike, paths_of, wrong_merges
from effects.federation.merging import Path as TreatmentPath
from effects.federation.people import Members, members_of
from effects.federation.products import Shared
from effects.federation.twins import twins
from effects.message import Message
from effects.moments import Moments
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.rows.roles import read_roles
from effects.sources import open_source, refuse_copies

_NO_MERGE: Final[Mapping[str, str]] = MappingProxyType({})


def make(
    plan: AnalysisPlan,
    paths: Sequence[Path],
    *,
    schema: Path | None = None,
    authority: str = "",
    merged: Mapping[str, str] = _NO_MERGE,
    minimum: int = MINIMUM_PEOPLE,
) -> Moments:
    """The moments of CSV or Parquet files, which together are one table; `merged` makes clusters part of others.

    Raises DataError with every finding: what in the plan or in the rows needs rows and what to state instead, merges
    that may not be, and clusters that rest on too few people, each with the merge that helps.
    """
    settings, _ = settle(plan)
    reasons = [_needs_rows(found.outcome or "plan", found.reason, found.remedy) for found in readiness(plan).reasons]
    if reasons:
        raise DataError(reasons)
    if merged:
        refuse_copies(paths)
    with staged(paths, schema) as given:
        treated = _treated(given, plan)
        if isinstance(treated, Message):
            raise _unanswered(treated, paths, schema, plan)
        wrong = wrong_merges(merged, treated, plan, settings)
        if wrong:
            raise DataError(wrong)
        with with_merged(given, plan, merged) as (files, own):
            found = compress(files, own, settings, partly=True)
            if not isinstance(found, Moments):
                raise _unanswered(found or Message("no complete rows"), paths, schema, plan)
            kept = set[str]() if squares_leave(plan, settings) else {one.outcome for one in found.outcomes}
            found = _without_squares(at_means(found), kept)
            behind = _behind(files, own, found)
    judged = _judged(behind, minimum)
    if not effects_need_squares(settings) and (kept := _exposed_by_squares(behind, judged, minimum)):
        found, behind = _without_squares(found, kept), _without_square(behind, kept)
        judged = _judged(behind, minimum)
    findings = list(_too_few(behind, judged, treated, minimum))
    if findings:
        raise DataError(findings)
    return _signed(found, judged, plan, authority, merged)


def _needs_rows(where: str, reason: Message, remedy: Message) -> Finding:
    return Finding(where, "needs_rows", reason.template, remedy.template, {**reason.params, **remedy.params})


def _treated(files: Sequence[Path], plan: AnalysisPlan) -> dict[str, TreatmentPath] | Message:
    """The treatment path of each cluster, or what is wrong with the columns."""
    try:
        with open_relation(files) as relation:
            return columns_need_rows(relation, plan) or paths_of(relation, plan)
    except duckdb.Error:
        return Message("the files cannot be asked as one table")


def _unanswered(reason: Message, paths: Sequence[Path], schema: Path | None, plan: AnalysisPlan) -> DataError:
    """Why there are no sums: whatever an analysis of the rows would find wrong with them, else the reason as it is."""
    try:
        read_roles(open_source(paths, schema), plan)
    except DataError as error:
        return error
    remedy = "Let the rows be analysed in one place, or change what is named here."
    return DataError([Finding("data", "needs_rows", reason.template, remedy, reason.params)])


def _without_squares(found: Moments, kept: Collection[str]) -> Moments:
    """The sums less the squares of some outcomes."""
    outcomes = []
    for outcome in found.outcomes:
        products = outcome.grams.products.copy()
        products[:, -1, -1] = 0.0
        grams = replace(outcome.grams, products=products, squared=False)
        outcomes.append(replace(outcome, grams=grams) if outcome.outcome in kept else outcome)
    return replace(found, outcomes=tuple(outcomes))


def _behind(files: Sequence[Path], plan: AnalysisPlan, found: Moments) -> dict[str, Behind]:
    """The people behind each cluster, by outcome."""
    behind: dict[str, dict[str, Members]] = {}
    with open_relation(files) as relation:
        for outcome, moments in zip(plan.outcomes, found.outcomes, strict=True):
            members_by = members_of(relation, plan, outcome, moments) if moments.grams.clusters else {}
            for cluster, members in members_by.items():
                behind.setdefault(cluster, {})[outcome.column] = members
        for cluster, lost in losing(relation, plan, found).items():
            for name, people in lost.items():
                behind[cluster][name] = replace(behind[cluster][name], lost=people)
        for cluster, told in twins(relation, plan, found).items():
            for name, few in told.items():
                own = behind[cluster][name]
                shared = Shared(own.shared.pairs + few.pairs, own.shared.people + few.people)
                behind[cluster][name] = replace(own, shared=shared)
    return dict(behind)


def _judged(behind: Mapping[str, Behind], minimum: int) -> dict[str, dict[str, Standing]]:
    return {cluster: {name: standing(one, minimum) for name, one in own.items()} for cluster, own in behind.items()}


def _exposed_by_squares(
    behind: Mapping[str, Behind], judged: Mapping[str, Mapping[str, Standing]], minimum: int
) -> set[str]:
    """Outcomes of which the square alone keeps a cluster from leaving."""
    failing = [
        (name, behind[cluster][name]) for cluster, own in judged.items() for name in own if not own[name].holds(minimum)
    ]
    return {name for name, one in failing if one.squared and standing(one.without_square(), minimum).holds(minimum)}


def _without_square(behind: Mapping[str, Behind], kept: Collection[str]) -> dict[str, Behind]:
    return {
        cluster: {name: one.without_square() if name in kept else one for name, one in own.items()}
        for cluster, own in behind.items()
    }


def _too_few(
    behind: Mapping[str, Behind],
    judged: Mapping[str, Mapping[str, Standing]],
    treated: Mapping[str, TreatmentPath],
    minimum: int,
) -> Iterator[Finding]:
    """Each cluster that must not leave, smallest first; a merge that helps one may help the other too."""
    left = dict(behind)
    failing = {name: own for name, own in judged.items() if not all(one.holds(minimum) for one in own.values())}
    for cluster in sorted(failing, key=lambda name: (max(one.people for one in failing[name].values()), name)):
        worst = next(one for one in failing[cluster].values() if not one.holds(minimum))
        helpers = helping(cluster, left, treated, minimum) if cluster in left else []
        if cluster in left and holds(left[cluster], minimum):
            remedy, named = "The merge named for another cluster mends this too.", {}
        elif helpers:
            pairs = [f"--merge {name}={helpers[0]}" for name in (cluster, *helpers[1:])]
            remedy, named = "Add {merges}.", {"merges": " ".join(pairs)}
            left[helpers[0]] = joined([left.pop(name) for name in (cluster, *helpers)])
        elif worst.lost is not None:
            remedy, named = "State the covariates that {one} and {other} share for one of them only.", {}
        elif cluster in treated:
            alike = others_alike(treated[cluster])
            remedy, named = alike.template, {name: str(value) for name, value in alike.params.items()}
        else:
            remedy, named = "Make one file together with another authority.", {}
        yield worst.finding(cluster, {"cluster": cluster, **named}, remedy, minimum)


def _signed(
    found: Moments,
    judged: Mapping[str, Mapping[str, Standing]],
    plan: AnalysisPlan,
    authority: str,
    merged: Mapping[str, str],
) -> Moments:
    """The moments with who made them, how their clusters stand, and a digest that tells nothing of the rows."""
    outcomes = []
    for outcome in found.outcomes:
        own = [judged[cluster][outcome.outcome] for cluster in outcome.grams.clusters]
        people, least = tuple(one.people for one in own), tuple(one.least for one in own)
        outcomes.append(replace(outcome, people_by_cluster=people, least=least))
    signed = replace(
        found, plan=plan.fingerprint, outcomes=tuple(outcomes), sha256=(), merged=tuple(sorted(merged.items()))
    )
    return replace(signed, sha256=(sha256(to_bytes(signed)).hexdigest(),), authority=authority)
