"""What a business case is worth by the evidence on its technology: the worker values it with the effects found."""

import tomllib
from collections.abc import Sequence
from typing import Any

from effects.case import case_from_mapping
from effects.economics.facts import Effect, Place
from registry.business_cases.actions import store
from registry.business_cases.queries import business_case, places
from registry.business_cases.valuing import valuation_of
from registry.evidence.compute import alone, effects_of, together
from registry.evidence.grounds import Ground, ground_of
from registry.evidence.queries import any_simulated
from registry.kit.work import Work


async def run(work: Work) -> None:
    """Value a version of a business case by the approved evidence as it stands now, and keep the valuation.

    The effects are those that advice on the technology would rest on; without evidence the lines that rest on one are
    named and not valued.
    """
    found = await business_case(work.payload["business_case"])
    ground = await ground_of(found.technology_id)
    simulated = await any_simulated([one.assessment for one in ground.heard])
    valuation = await work.compute(valued, found.stated, ground, await places(), simulated)
    async with work.finishing():
        await store(found.id, valuation)


def valued(stated: str, ground: Ground, places: Sequence[Place], simulated: bool = False) -> dict[str, Any]:
    """The valuation of a business-case file with the effects that the ground leads to, and what that evidence is.

    `evidence` names the pilots heard, their indicators by code and by name, and whether any pilot is simulated.
    Raises CaseError and BusinessCaseError for what cannot be read.
    """
    effects: dict[str, Effect] = {}
    if ground.heard:
        first = case_from_mapping(tomllib.loads(ground.heard[0].case))
        found = together(ground) if ground.together else alone(first, ground)
        effects = effects_of(found, ground)
    codes = {code: name for one in ground.heard for name, code in one.codes.items()}
    names = dict(zip(effects, effects, strict=True)) | codes
    evidence = {"pilots": [one.pilot for one in ground.heard], "names": names, "simulated": simulated}
    return {**valuation_of(stated, effects, places), "evidence": evidence}
