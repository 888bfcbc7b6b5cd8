"""What still counts of a pilot: results, assessments, advice, decisions. What is outdated stays readable elsewhere."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from registry.analyses import queries as analyses
from registry.analyses.tables import Analysis
from registry.decisions.tables import Decision
from registry.evidence import queries as evidence
from registry.evidence.tables import Assessment
from registry.recommendations import standing


@dataclass(frozen=True, slots=True)
class InForce:
    """How many of each a pilot has; advice and decisions on a technology count for every pilot that they rest on."""

    analyses: Counter[int]
    assessments_waiting: Counter[int]
    assessments: Counter[int]
    recommendations: Counter[int]
    decisions: Counter[int]


async def in_force(pilots: Collection[int]) -> InForce:
    """What counts today of one pilot or more, which the reader may see."""
    pilot = Analysis.plan._.pilot
    done = pilot.is_in(list(pilots)) & Analysis.finished_at.is_not_null()
    runs = {row["id"]: row["pilot"] for row in await Analysis.select(Analysis.id, pilot.as_alias("pilot")).where(done)}
    stated = await Assessment.select(Assessment.id, Assessment.pilot, Assessment.approved_at).where(
        Assessment.pilot.is_in(list(pilots))
    )
    overtaken = await evidence.outdated([row["id"] for row in stated])
    counting = [row for row in stated if row["id"] not in overtaken]
    resting = await standing.resting_on(pilots)
    gone = await standing.outdated(resting)
    advice = {one: on for one, on in resting.items() if one not in gone}
    decided = await Decision.select(Decision.recommendation).where(Decision.recommendation.is_in([0, *advice]))
    return InForce(
        analyses=_counted(runs, await analyses.outdated(runs)),
        assessments_waiting=Counter(row["pilot"] for row in counting if row["approved_at"] is None),
        assessments=Counter(row["pilot"] for row in counting if row["approved_at"] is not None),
        recommendations=Counter(one for on in advice.values() for one in on),
        decisions=Counter(one for row in decided for one in advice[row["recommendation"]]),
    )


def _counted(of_pilot: Mapping[int, int], gone: Collection[int]) -> Counter[int]:
    return Counter(pilot for one, pilot in of_pilot.items() if one not in gone)
