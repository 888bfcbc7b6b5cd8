"""The people of the demo, by what they do."""

from dataclasses import dataclass

from registry.people.queries import person
from registry.people.rules import Person, Role, StakeholderGroup, holds
from registry.people.tables import Account
from registry.seeding import files


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who has a demo account, in the order of the seed file."""

    people: tuple[Person, ...]

    def first(self, role: Role) -> Person:
        """Whoever does the work of a role. Raises StopIteration when nobody holds it."""
        return next(person for person in self.people if holds(person, role))

    def second(self, role: Role) -> Person:
        """Whoever looks at that work with a second pair of eyes."""
        return [person for person in self.people if holds(person, role)][1]

    def speaker(self, group: StakeholderGroup) -> Person:
        """Who speaks for a stakeholder group."""
        return next(person for person in self.people if any(grant.group is group for grant in person.grants))


async def assemble() -> Cast | None:
    """The cast as the application knows it now; None while an account is missing, disabled or without its role."""
    seeds = files.programme().account
    rows = await Account.select(Account.id, Account.email).where(Account.email.is_in([seed.email for seed in seeds]))
    ids = {row["email"]: row["id"] for row in rows}
    people = [await person(ids[seed.email]) for seed in seeds if seed.email in ids]
    present = tuple(one for one in people if one is not None and one.grants)
    return Cast(present) if len(present) == len(seeds) else None
