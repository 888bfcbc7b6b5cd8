"""What a call in another process came to, in a form that survives the way: pickled errors lose what they carry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar, TypeVarTuple

from effects.errors import EffectsError
from registry.kit.errors import RegistryError

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Value(Generic[Result]):
    """What a call found."""

    found: Result

    def value(self) -> Result:
        """It."""
        return self.found


@dataclass(frozen=True)
class Refusal:
    """An error with findings on its way."""

    kind: type[Exception]
    arguments: tuple[Any, ...]
    attributes: dict[str, Any]

    @staticmethod
    def of(error: Exception) -> "Refusal":
        """The error with everything it carries."""
        return Refusal(type(error), error.args, vars(error))

    def value(self) -> NoReturn:
        """Raises the error as it was."""
        error = self.kind.__new__(self.kind, *self.arguments)
        vars(error).update(self.attributes)
        raise error


def outcome_of(function: Callable[[*Arguments], Result], /, *arguments: *Arguments) -> Value[Result] | Refusal:
    """Make the call. Raises what it raises, except for refusals, which are outcomes."""
    try:
        return Value(function(*arguments))
    except (EffectsError, RegistryError) as error:
        return Refusal.of(error)
