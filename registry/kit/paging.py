"""Which part of a list is asked for, and in which order; nothing but numbers and stated keys is taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from registry.kit.errors import BadRequest
from registry.kit.request import Request

DEFAULT_SIZE = 25
LARGEST_SIZE = 200
LARGEST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Paging:
    """A page of a list. `sort` is one of the keys the route allows, empty for the list's own order."""

    number: int = 1
    size: int = DEFAULT_SIZE
    sort: str = ""
    descending: bool = False
    query: Mapping[str, str] | None = None
    """The other query values of the address, kept in the links to other pages."""

    @staticmethod
    def of(request: Request, sortable: Iterable[str] = ()) -> "Paging":
        """Read `page`, `size` and `sort` (`-name` is descending) from the address.

        Raises BadRequest for anything but numbers in range and a key in `sortable`.
        """
        query = {name: value for name, value in request.query_params.items() if name not in ("page", "format")}
        sort = query.get("sort", "")
        if sort and sort.removeprefix("-") not in set(sortable):
            raise BadRequest("The list cannot be sorted by that.")
        return Paging(
            number=_number(request, "page", 1, LARGEST_PAGE),
            size=_number(request, "size", DEFAULT_SIZE, LARGEST_SIZE),
            sort=sort.removeprefix("-"),
            descending=sort.startswith("-"),
            query=query,
        )

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size

    def pages(self, total: int) -> int:
        """How many pages `total` rows fill, at least one."""
        return max(1, -(-total // self.size))

    def link(self, number: int) -> str:
        """The address of another page of the same list."""
        return "?" + urlencode({**(self.query or {}), "page": number})

    def sorted_by(self, key: str) -> str:
        """The address of the same list ordered by `key`, turned around when it already is."""
        turned = f"-{key}" if self.sort == key and not self.descending else key
        return "?" + urlencode({**(self.query or {}), "sort": turned})


def _number(request: Request, name: str, default: int, largest: int) -> int:
    written = request.query_params.get(name, "")
    if not written:
        return default
    if not (written.isascii() and written.isdigit()) or len(written) > 9 or not 1 <= int(written) <= largest:
        raise BadRequest("The page number or size is out of range.")
    return int(written)
