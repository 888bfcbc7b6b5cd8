"""Taking a bundle, which is noted."""

import hashlib

from registry.audit.actions import record
from registry.kit.database import transaction
from registry.people.rules import Person
from registry.publishing import queries


async def take(recommendation_id: int, *, by: Person) -> bytes:
    """The ZIP file, after noting who took it and its hash.

    Raises NotFound when the person may not see the recommendation or any pilot that it rests on.
    """
    async with transaction():
        content = await queries.bundle(by, recommendation_id)
        told = {"bundle": hashlib.sha256(content).hexdigest()}
        await record(
            action="publishing.take",
            object_kind="recommendation",
            object_id=recommendation_id,
            content=told,
            by=by.id,
        )
    return content
