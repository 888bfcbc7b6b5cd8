"""Pages and JSON of uploads and versions."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import File

from effects.errors import Finding
from effects.message import Message
from registry.datasets import actions, contributions, files, forms, queries, reading_forms, table_schema
from registry.datasets.limits import WithinLimit
from registry.datasets.retention_routes import delete, delete_page, extend, extend_page, told
from registry.datasets.rules import APPROVE, INSPECT, TYPES, UPLOAD, VIEW, WITHDRAW, VersionState
from registry.datasets.schema import DateFormat, DecimalMark, Delimiter, Encoding, FileSchema, GroupMark
from registry.datasets.schemas import Confirmation, Offer, Rejection
from registry.datasets.withdrawing_routes import withdraw, withdraw_page
from registry.kit import jobs
from registry.kit.access import allow
from registry.kit.clock import today
from registry.kit.errors import Invalid, NotFound
from registry.kit.forms import again, read
from registry.kit.language import language_of
from registry.kit.pages import done, download, html, json, page
from registry.kit.request import JSON, Request, settings_of, wants_json
from registry.kit.tabular import CSV, XLSX
from registry.people.rules import Person, allows
from registry.pilots.queries import sites_of, visible_pilot
from registry.pilots.schemas import PilotView, SiteView

LARGEST_BODY = 8 * 1024**3  # bytes; `WithinLimit` knows the operator's own limit

RECEIVED = Message("The file is received. Its check appears on this page.")
CONFIRMED = Message("The file is being checked as you said.")
DISCARDED = Message("The file is deleted.")
APPROVED = Message("The version is approved. The evaluator can run the plan on it.")
REJECTED = Message("The version is rejected. The project lead can send a corrected file.")

CHOICES = {
    "delimiter": Delimiter,
    "encoding": Encoding,
    "decimal": DecimalMark,
    "group": GroupMark,
    "date_format": DateFormat,
}


@get("/pilots/{pilot_id:int}/datasets", opt=allow(VIEW))
async def desk_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """What the plan asks for, the form to send it, and what became of what was sent."""
    if wants_json(request):
        return json(await queries.desk(request.user, pilot_id))
    return await _desk(pilot_id, request, {}, ())


@post(
    "/pilots/{pilot_id:int}/datasets",
    opt=allow(UPLOAD),
    request_max_body_size=LARGEST_BODY,
    middleware=[WithinLimit()],
)
async def receive(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Take a file in and have it checked."""
    settings = settings_of(request)
    try:
        offer = await read(request, Offer)
        file = await files.receive(_chunks(offer.file), settings.state, settings.upload_limit)
        upload_id = await actions.receive(
            pilot_id, offer, file, Path(offer.file.filename).name, state=settings.state, by=request.user
        )
    except Invalid as invalid:
        return await again(request, invalid, partial(_desk, pilot_id))
    return done(request, f"/uploads/{upload_id}", await queries.upload(request.user, upload_id), RECEIVED)


@get("/pilots/{pilot_id:int}/datasets/schema.json", opt=allow(VIEW))
async def schema_file(request: Request, pilot_id: FromPath[int]) -> Response[bytes]:
    """What the plan asks for as a Table Schema, which `virkning analyse --schema` reads."""
    schema, _ = await _asked_for(request.user, pilot_id)
    return download(table_schema.encoded(schema).encode(), f"schema-{pilot_id}.json", JSON)


@get("/pilots/{pilot_id:int}/datasets/template.csv", opt=allow(VIEW))
async def csv_template(request: Request, pilot_id: FromPath[int]) -> Response[bytes]:
    """A file to fill in, with the column names of the plan and the codes of the sites."""
    content = forms.csv_template(*await _asked_for(request.user, pilot_id))
    return download(content, f"template-{pilot_id}.csv", CSV)


@get("/pilots/{pilot_id:int}/datasets/template.xlsx", opt=allow(VIEW))
async def xlsx_template(request: Request, pilot_id: FromPath[int]) -> Response[bytes]:
    """The same as a workbook."""
    content = forms.xlsx_template(*await _asked_for(request.user, pilot_id))
    return download(content, f"template-{pilot_id}.xlsx", XLSX)


@get("/uploads/{upload_id:int}", opt=allow(INSPECT))
async def upload_page(request: Request, upload_id: FromPath[int]) -> Response[Any]:
    """An upload: how far its check is, or everything that was found in it."""
    if wants_json(request):
        return json(await queries.upload(request.user, upload_id))
    return await _upload(upload_id, request, {}, ())


@post("/uploads/{upload_id:int}", opt=allow(UPLOAD))
async def confirm(request: Request, upload_id: FromPath[int]) -> Response[Any]:
    """Say how a received file is to be read."""
    try:
        await actions.confirm(upload_id, await read(request, Confirmation), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_upload, upload_id))
    return done(request, f"/uploads/{upload_id}", await queries.upload(request.user, upload_id), CONFIRMED)


@post("/uploads/{upload_id:int}/discard", opt=allow(UPLOAD))
async def discard(request: Request, upload_id: FromPath[int]) -> Response[Any]:
    """Delete a received file."""
    await actions.discard(upload_id, state=settings_of(request).state, by=request.user)
    found = await queries.upload(request.user, upload_id)
    return done(request, f"/pilots/{found.pilot}/datasets", found, DISCARDED)


@get("/datasets/{version_id:int}", opt=allow(VIEW))
async def version_page(request: Request, version_id: FromPath[int]) -> Response[Any]:
    """What a version holds, how complete it is, and the second person's word on it."""
    return await _version(version_id, request, {}, ())


@post("/datasets/{version_id:int}/approve", opt=allow(APPROVE))
async def approve(request: Request, version_id: FromPath[int]) -> Response[Any]:
    """Let a version be analysed."""
    await actions.approve(version_id, by=request.user)
    return done(request, f"/datasets/{version_id}", await told(version_id, request), APPROVED)


@post("/datasets/{version_id:int}/reject", opt=allow(APPROVE))
async def reject(request: Request, version_id: FromPath[int]) -> Response[Any]:
    """Keep a version from being analysed, with the reason."""
    try:
        await actions.reject(version_id, await read(request, Rejection), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_version, version_id))
    return done(request, f"/datasets/{version_id}", await told(version_id, request), REJECTED)


@get("/datasets/{version_id:int}/file", opt=allow(VIEW))
async def version_file(request: Request, version_id: FromPath[int]) -> File:
    """The rows as Parquet, or the moments, for those who may inspect them; to all others there is nothing here."""
    found = await actions.fetch(version_id, by=request.user)
    return File(
        queries.path_of(found, settings_of(request).state),
        filename=f"pilot-{found.pilot}-version-{found.number}{files.MOMENTS if found.moments else '.parquet'}",
        media_type=JSON if found.moments else "application/vnd.apache.parquet",
        headers={"cache-control": "no-store"},
    )


async def _asked_for(person: Person, pilot_id: int) -> tuple[FileSchema, tuple[SiteView, ...]]:
    """What a template needs. Raises NotFound while no plan is locked."""
    await visible_pilot(person, pilot_id)
    schema = await queries.asked_for(pilot_id)
    if schema is None:
        raise NotFound("No plan is locked yet, so that nobody can say which data are needed.")
    return schema, await sites_of(pilot_id)


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(files.CHUNK):
        yield chunk


def _may(person: Person, permission: Any, pilot: PilotView) -> bool:
    return allows(person, permission, organisation=pilot.organisation, pilot=pilot.id)


async def _desk(
    pilot_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    found = await queries.desk(request.user, pilot_id)
    pilot = await visible_pilot(request.user, pilot_id)
    context: dict[str, Any] = {"body": found, "pilot": pilot, "findings": findings, "values": {}, "rows": []}
    if found.schema is not None:
        schema = table_schema.of(found.schema)
        stated = {"legal_basis": pilot.legal_basis, **reading_forms.fields(schema, language_of(request))}
        context["values"] = {**stated, **values}
        context["rows"] = reading_forms.column_rows(context["values"], schema)
    return html(
        request,
        "datasets/desk.html",
        {
            **context,
            "choices": CHOICES,
            "types": TYPES,
            "may_upload": _may(request.user, UPLOAD, pilot),
            "may_inspect": _may(request.user, INSPECT, pilot),
            "limit": settings_of(request).upload_limit,
            "worker_alive": await jobs.worker_alive(),
        },
    )


async def _upload(
    upload_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    found = await queries.upload(request.user, upload_id)
    pilot = await visible_pilot(request.user, found.pilot)
    schema = table_schema.of(found.schema)
    filled = dict(values) or reading_forms.fields(schema, language_of(request))
    return html(
        request,
        "datasets/upload.html",
        {
            "body": found,
            "pilot": pilot,
            "values": filled,
            "findings": findings,
            "rows": reading_forms.column_rows(filled, schema),
            "choices": CHOICES,
            "types": TYPES,
            "may_upload": _may(request.user, UPLOAD, pilot),
            "worker_alive": await jobs.worker_alive(),
        },
    )


async def _version(
    version_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    found = await told(version_id, request)
    pilot = await visible_pilot(request.user, found.pilot)
    own = await contributions.own_work(request.user, found)
    return page(
        request,
        "datasets/version.html",
        found,
        pilot=pilot,
        values=values,
        findings=findings,
        may_judge=_may(request.user, APPROVE, pilot) and own is None,
        own_work=own,
        outdated=await contributions.outdated(found) if found.state is VersionState.WAITING else None,
        withheld=await contributions.withheld(found),
        may_inspect=_may(request.user, INSPECT, pilot),
        may_keep=_may(request.user, UPLOAD, pilot),
        may_withdraw=found.state is VersionState.APPROVED and _may(request.user, WITHDRAW, pilot),
        overdue=found.retain_until <= today(),
        small_cell=settings_of(request).small_cell,
    )


router = Router(
    "/",
    route_handlers=[
        desk_page,
        receive,
        schema_file,
        csv_template,
        xlsx_template,
        upload_page,
        confirm,
        discard,
        version_page,
        approve,
        reject,
        version_file,
        extend_page,
        extend,
        delete_page,
        delete,
        withdraw_page,
        withdraw,
    ],
)
