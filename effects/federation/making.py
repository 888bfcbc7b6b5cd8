"""An authority's moments: the exact statistic of a plan that discloses least, judged before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from effects.compression.compress import compress
from effects.compression.relation import open_relation
from effects.disclosure import MINIMUM_PEOPLE
from effects.errors import DataError, Finding, Parameter
from effects.federation.answering import readiness
from effects.federation.judging import same_path, together, too_few
from effects.federation.people import Members, members_of
from effects.federation.spanning import least_people
from effects.federation.staging import staged
from effects.message import Message
from effects.moments import Moments
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.serialize import fingerprint

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
    """The moments of CSV or Parquet files, which together are one table.

    `merged` makes clusters part of others. Raises DataError with every finding: what in the plan or in the rows needs
    rows, and which clusters rest on too few people, with the merge that helps.
    """
    _refuse_plan(plan)
    with staged(paths, plan, schema, merged) as (files, own):
        found = compress(files, own, settle(own)[0])
        if not isinstance(found, Moments):
            raise DataError([_rows_needed(found or Message("no complete rows"))])
        with open_relation(files) as relation:
            members = [
                members_of(relation, own, outcome, moments)
                for outcome, moments in zip(own.outcomes, found.outcomes, strict=True)
            ]
    findings = _too_few(found, members, minimum)
    if findings:
        raise DataError(findings)
    return _signed(found, members, plan, authority, merged, minimum)


def _refuse_plan(plan: AnalysisPlan) -> None:
    reasons = readiness(plan).reasons
    if reasons:
        raise DataError(
            Finding(
                found.outcome or "plan",
                "needs_rows",
                found.reason.template,
                found.remedy.template,
                {**found.reason.params, **found.remedy.params},
            )
            for found in reasons
        )


def _rows_needed(reason: Message) -> Finding:
    return Finding("data", "needs_rows", reason.template, params=reason.params)


def _too_few(found: Moments, members: Sequence[Mapping[str, Members]], minimum: int) -> list[Finding]:
    findings = []
    for outcome, own in zip(found.outcomes, members, strict=True):
        squared = outcome.grams.squared
        for cluster, people in own.items():
            if not too_few(people, squared, minimum):
                continue
            others = sorted((theirs.people, name) for name, theirs in own.items() if name != cluster)
            into = next(
                (
                    name
                    for _, name in others
                    if same_path(people.path, own[name].path)
                    and not too_few(together([people, own[name]]), squared, minimum)
                ),
                None,
            )
            findings.append(_small(cluster, people.people, into))
    return list({finding.where: finding for finding in findings}.values())


def _small(cluster: str, people: float, into: str | None) -> Finding:
    message = "Too few people stand behind {cluster}: {people:.0f}."
    if into is None:
        remedy = "Make one file together with an authority whose clusters are treated alike."
        return Finding(cluster, "small_group", message, remedy, {"cluster": cluster, "people": people})
    params: dict[str, Parameter] = {"cluster": cluster, "people": people, "into": into}
    return Finding(cluster, "small_group", message, "Add: --merge {cluster}={into}", params)


def _signed(
    found: Moments,
    members: Sequence[Mapping[str, Members]],
    plan: AnalysisPlan,
    authority: str,
    merged: Mapping[str, str],
    minimum: int,
) -> Moments:
    outcomes = tuple(
        replace(
            outcome,
            people_by_cluster=tuple(own[cluster].people for cluster in outcome.grams.clusters),
            least=tuple(float(least_people(own[cluster].groups, minimum)) for cluster in outcome.grams.clusters),
        )
        for outcome, own in zip(found.outcomes, members, strict=True)
    )
    pairs = tuple(sorted(merged.items()))
    return replace(
        found, plan=plan.fingerprint, outcomes=outcomes, sha256=(_digest(found),), authority=authority, merged=pairs
    )


def _digest(found: Moments) -> str:
    """A digest of what leaves, not of the rows: rows of few people could be guessed from theirs."""
    sums = [[outcome.grams.products.tolist(), outcome.grams.rows.tolist()] for outcome in found.outcomes]
    return fingerprint([found.plan, sums]).removeprefix("sha256:")
