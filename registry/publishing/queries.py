"""What a recommendation rests on, gathered as it is stored; a person gets what they may see, whole or not at all."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import msgspec

from effects.bundle.metadata import FILES, OTHER
from effects.bundle.parts import FIGURES, SYNTHESIS_SCHEMA, Parts, PilotPart
from effects.bundle.versions import versions_here
from effects.bundle.writing import files_of, zipped
from effects.serialize import document
from registry.analyses import queries as analyses
from registry.business_cases import queries as business_cases
from registry.evidence import queries as evidence
from registry.kit.clock import day_of
from registry.kit.errors import NotFound
from registry.people.rules import Person
from registry.pilots.queries import visible_pilot
from registry.plans import queries as plans
from registry.publishing.rules import FILENAME, LEFT_OUT
from registry.publishing.schemas import BundleView, FileView
from registry.recommendations.queries import recommendation
from registry.recommendations.tables import Basis


async def bundle(person: Person, recommendation_id: int) -> bytes:
    """The ZIP file. Raises NotFound when the person may not see the recommendation or any pilot that it rests on."""
    return zipped(files_of(await _parts(person, recommendation_id)))


async def about(person: Person, recommendation_id: int) -> BundleView:
    """What the bundle holds. Raises NotFound when the person may not see the recommendation."""
    advised = (await recommendation(person, recommendation_id)).recommendation
    named: dict[str, Any] = {
        "recommendation_id": recommendation_id,
        "technology_name": advised.technology_name,
        "simulated": advised.simulated,
    }
    try:
        files = files_of(await _parts(person, recommendation_id))
    except NotFound:
        return BundleView(**named)
    whole = zipped(files)
    return BundleView(
        **named,
        files=tuple(_file(name, content) for name, content in files.items()),
        left_out=LEFT_OUT,
        filename=FILENAME.format(recommendation_id),
        size=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(),
    )


def _file(name: str, content: bytes) -> FileView:
    title, description, _ = FILES.get(name.rpartition("/")[2], OTHER)
    return FileView(name, title, description, len(content))


async def _parts(person: Person, recommendation_id: int) -> Parts:
    found = await recommendation(person, recommendation_id)
    about = found.recommendation
    basis = await _basis(recommendation_id)
    assessments = msgspec.json.decode(basis["assessments"]) if basis.get("assessments") else [about.assessment_id]
    pilots = tuple([await _pilot(person, assessment_id) for assessment_id in assessments])
    return Parts(
        issued_on=day_of(about.issued_at).isoformat(),
        issued_at=f"/recommendations/{recommendation_id}",
        versions=versions_here(),
        case=basis["case"].encode() if basis.get("case") else pilots[0].case,
        advice=document(found.advice),
        pilots=pilots,
        synthesis=_synthesis(basis),
        **(await _economy(basis)),
    )


def _synthesis(basis: Mapping[str, Any]) -> bytes | None:
    """What the pooling model says in the look, without what concerns the registry alone."""
    if not basis.get("result"):
        return None
    indicators = msgspec.json.decode(basis["result"])["indicators"]
    pooled = [(item["name"], item["modelled"]) for item in indicators if item["modelled"]]
    listed = [{"name": name, **{figure: found[figure] for figure in FIGURES}} for name, found in pooled]
    return document({"schema": SYNTHESIS_SCHEMA, "indicators": listed})


async def _economy(basis: Mapping[str, Any]) -> dict[str, bytes]:
    """The business case, the places it was valued in and what it came to; nothing where there is none."""
    if not basis.get("stated") or not basis.get("valuation"):
        return {}
    places = [asdict(place) for place in await business_cases.places()]
    return {
        "business_case": basis["stated"].encode(),
        "places": document({"places": places}),
        "valuation": document(msgspec.json.decode(basis["valuation"])),
    }


async def _basis(recommendation_id: int) -> Mapping[str, Any]:
    """What was looked at beyond the assessment; empty where there was nothing."""
    looked_at = (
        Basis.synthesis._.case.as_alias("case"),
        Basis.synthesis._.assessments.as_alias("assessments"),
        Basis.synthesis._.result.as_alias("result"),
        Basis.business_case._.stated.as_alias("stated"),
        Basis.valuation,
    )
    row: Mapping[str, Any] | None = (
        await Basis.select(*looked_at).where(Basis.recommendation == recommendation_id).first()
    )
    return row or {}


async def _pilot(person: Person, assessment_id: int) -> PilotPart:
    """The part of one pilot; raises NotFound where the person may not see it."""
    found = await evidence.assessment(person, assessment_id)
    about = found.assessment
    pilot = await visible_pilot(person, about.pilot_id)
    stated: dict[str, Any] = {
        "title": pilot.title,
        "study": str(pilot.id),
        "case": found.case.encode(),
        "grade": document(found.grade),
        "source": about.source,
    }
    if about.analysis_id is None:
        return PilotPart(**stated)
    run = (await analyses.analysis(person, about.analysis_id)).analysis
    plan = await plans.plan(person, run.plan_id)
    result = await analyses.result_file(person, about.analysis_id)
    return PilotPart(**stated, plan=plan.toml.encode(), result=result)
