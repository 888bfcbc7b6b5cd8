"""What the worker does for business cases: it works out what one is worth."""

from registry.business_cases.actions import store
from registry.business_cases.queries import business_case, places
from registry.business_cases.valuing import valuation_of
from registry.kit.work import Work


async def run(work: Work) -> None:
    """Value a version in every municipality and keep the valuation.

    Effects are pooled across pilots when advice is issued, from approved evidence, which comes later in the chain;
    until then the lines that rest on one are named and not valued.
    """
    found = await business_case(work.payload["business_case"])
    valuation = await work.compute(valuation_of, found.stated, {}, await places())
    async with work.finishing():
        await store(found.id, valuation)
