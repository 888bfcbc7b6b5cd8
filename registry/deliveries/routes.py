"""Pages and JSON of moments that authorities deliver instead of rows."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from effects.errors import Finding
from effects.message import Message
from registry.datasets import files
from registry.datasets import queries as datasets
from registry.datasets.files import Received
from registry.datasets.limits import FORM_BYTES, WithinLimit
from registry.datasets.schemas import Deleting
from registry.deliveries import actions, queries, removing
from registry.deliveries.rules import DELIVER, GATHER, LARGEST_FILE, LARGEST_SENDING, VIEW
from registry.deliveries.schemas import Offer
from registry.kit import jobs
from registry.kit.access import allow
from registry.kit.errors import Invalid
from registry.kit.forms import again, read
from registry.kit.pages import done, html, json, page
from registry.kit.request import Request, settings_of, wants_json
from registry.people.rules import allows
from registry.pilots.queries import visible_pilot

SENT: Final = Message("The files are received. What is found in them appears on this page.")
DELETED: Final = Message("The moments are deleted. What is known about the delivery stays.")
GATHERING: Final = Message("What was delivered is being added up. The version appears on this page.")


@get("/pilots/{pilot_id:int}/deliveries", opt=allow(VIEW))
async def deliveries_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Whose moments are here and whose are missing, the form to send them, and the button to gather them."""
    return await _page(pilot_id, request, {}, ())


@post(
    "/pilots/{pilot_id:int}/deliveries",
    opt=allow(DELIVER),
    request_max_body_size=LARGEST_SENDING + FORM_BYTES,
    middleware=[WithinLimit()],
)
async def send(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Take moments files in and have them checked."""
    settings = settings_of(request)
    try:
        offer = await read(request, Offer)
        received = await _received(offer.files, settings.state)
        sending_id = await actions.send(
            pilot_id, offer, received, state=settings.state, minimum=settings.small_cell, by=request.user
        )
    except Invalid as invalid:
        return await again(request, invalid, partial(_page, pilot_id))
    return done(request, f"/sendings/{sending_id}", await queries.sending(request.user, sending_id), SENT)


@post("/pilots/{pilot_id:int}/deliveries/gather", opt=allow(GATHER))
async def gather(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Have a version made of what was delivered."""
    upload_id = await actions.gather(pilot_id, state=settings_of(request).state, by=request.user)
    return done(request, f"/uploads/{upload_id}", await datasets.upload(request.user, upload_id), GATHERING)


@get("/sendings/{sending_id:int}", opt=allow(VIEW))
async def sending_page(request: Request, sending_id: FromPath[int]) -> Response[Any]:
    """Files that were sent at once: how far their check is, or everything that was found in them."""
    found = await queries.sending(request.user, sending_id)
    return page(
        request,
        "deliveries/sending.html",
        found,
        pilot=await visible_pilot(request.user, found.pilot),
        worker_alive=await jobs.worker_alive(),
    )


@get("/deliveries/{delivery_id:int}", opt=allow(VIEW))
async def delivery_page(request: Request, delivery_id: FromPath[int]) -> Response[Any]:
    """One authority's moments: what stands behind them, and what left the house."""
    found = await queries.delivery(request.user, delivery_id)
    pilot = await visible_pilot(request.user, found.pilot)
    may_delete = allows(request.user, DELIVER, organisation=pilot.organisation, pilot=pilot.id)
    return page(request, "deliveries/delivery.html", found, pilot=pilot, may_delete=may_delete)


@get("/deliveries/{delivery_id:int}/delete", opt=allow(DELIVER))
async def delete_page(request: Request, delivery_id: FromPath[int]) -> Response[Any]:
    """What is final about the deletion of an authority's moments, and the form that asks why."""
    return await _delete_page(delivery_id, request, {}, ())


@post("/deliveries/{delivery_id:int}/delete", opt=allow(DELIVER))
async def delete(request: Request, delivery_id: FromPath[int]) -> Response[Any]:
    """Delete an authority's moments at once, with the reason."""
    try:
        await removing.delete_moments(delivery_id, await read(request, Deleting), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_delete_page, delivery_id))
    return done(request, f"/deliveries/{delivery_id}", await queries.delivery(request.user, delivery_id), DELETED)


async def _delete_page(
    delivery_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    found = await removing.theirs(delivery_id, request.user)
    pilot = await visible_pilot(request.user, found.pilot)
    return page(request, "deliveries/delete.html", found, pilot=pilot, values=values, findings=findings)


async def _received(sent: tuple[UploadFile, ...], state: Path) -> list[tuple[str, Received]]:
    received: list[tuple[str, Received]] = []
    try:
        for file in sent:
            received.append((Path(file.filename).name, await files.receive(_chunks(file), state, LARGEST_SENDING)))
    except BaseException:
        for _, one in received:
            one.path.unlink(missing_ok=True)
        raise
    return received


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(files.CHUNK):
        yield chunk


async def _page(
    pilot_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    found = await queries.deliveries(request.user, pilot_id)
    if wants_json(request):
        return json(found)
    pilot = await visible_pilot(request.user, pilot_id)
    scope = {"organisation": pilot.organisation, "pilot": pilot_id}
    return html(
        request,
        "deliveries/deliveries.html",
        {
            "body": found,
            "pilot": pilot,
            "values": {"legal_basis": pilot.legal_basis, **values},
            "findings": findings,
            "may_deliver": allows(request.user, DELIVER, **scope),
            "may_gather": allows(request.user, GATHER, **scope),
            "limit": min(LARGEST_FILE, settings_of(request).upload_limit),
            "worker_alive": await jobs.worker_alive(),
        },
    )


router = Router("/", route_handlers=[deliveries_page, send, gather, sending_page, delivery_page, delete_page, delete])
