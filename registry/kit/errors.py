"""What can go wrong between a person and the registry, one class for each of the person's situations."""

from collections.abc import Iterable

from effects.errors import Finding
from effects.message import Message


class RegistryError(Exception):
    """A request that is answered with `status` and a message the person can act on.

    A plain string is the template of a message without values; write it as a literal, so that it can be translated.
    """

    def __init__(self, status: int, code: str, message: Message | str, findings: Iterable[Finding] = ()) -> None:
        self.status = status
        self.code = code
        self.message = message if isinstance(message, Message) else Message(message)
        self.findings = tuple(findings)
        super().__init__(f"{code}: {self.message.template}")


class BadRequest(RegistryError):
    """The request is malformed: broken encoding, an unknown field, a wrong key to sort by."""

    def __init__(
        self, message: Message | str = "The request is not well-formed.", findings: Iterable[Finding] = ()
    ) -> None:
        super().__init__(400, "bad_request", message, findings)


class Unauthorised(RegistryError):
    """Nobody is signed in, and somebody has to be."""

    def __init__(self, message: Message | str = "You need to sign in first.") -> None:
        super().__init__(401, "unauthorised", message)


class Forbidden(RegistryError):
    """The person may see the thing, but may not do this with it."""

    def __init__(self, message: Message | str = "Your role does not allow this.") -> None:
        super().__init__(403, "forbidden", message)


class NotFound(RegistryError):
    """There is no such thing, or none that this person may see; the two answers are the same on purpose."""

    def __init__(self, message: Message | str = "There is nothing here that you can see.") -> None:
        super().__init__(404, "not_found", message)


class Conflict(RegistryError):
    """The thing is in a state that does not allow this, or somebody else changed it meanwhile."""

    def __init__(self, message: Message | str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(409, "conflict", message, findings)


class Gone(RegistryError):
    """The thing existed and was deleted, for example at the end of its retention."""

    def __init__(self, message: Message | str = "This was deleted.") -> None:
        super().__init__(410, "gone", message)


class TooLarge(RegistryError):
    """The body is larger than this route takes."""

    def __init__(self, message: Message | str = "What was sent is too large.") -> None:
        super().__init__(413, "too_large", message)


class WrongMediaType(RegistryError):
    """The body is of a kind that is not read here."""

    def __init__(self, message: Message | str = "Send a form, or JSON marked as application/json.") -> None:
        super().__init__(415, "wrong_media_type", message)


class Invalid(RegistryError):
    """Well-formed, but the content is wrong; `findings` lists everything to mend at once."""

    def __init__(
        self,
        findings: Iterable[Finding],
        message: Message | str = "Something needs to be corrected before this can be saved.",
    ) -> None:
        super().__init__(422, "invalid", message, findings)


class TooMany(RegistryError):
    """Too many attempts; the next one is welcome after `retry_after` seconds."""

    def __init__(
        self, retry_after: int, message: Message | str = "There were too many attempts. Wait a little and try again."
    ) -> None:
        super().__init__(429, "too_many", message)
        self.retry_after = retry_after


class Unavailable(RegistryError):
    """The service cannot answer just now (the database is busy or away); nothing was saved."""

    def __init__(
        self,
        message: Message | str = "The service cannot answer just now. Nothing was saved. Try again in a moment.",
        retry_after: int = 5,
    ) -> None:
        super().__init__(503, "unavailable", message)
        self.retry_after = retry_after


class Unsure(Unavailable):
    """The database went away while something was being saved, or after it was: nobody can say which from here."""

    CODE = "unsure"
    SAID = Message(
        "The database went away just as this was being saved. Look whether it is there before you do it again."
    )

    def __init__(self) -> None:
        super().__init__(self.SAID)
        self.code = self.CODE
