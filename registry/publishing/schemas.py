"""What is said of a bundle before it is taken."""

import msgspec

from effects.message import Message


class FileView(msgspec.Struct, frozen=True):
    """A file of the bundle; `size` in bytes."""

    name: str
    title: Message
    description: Message
    size: int


class BundleView(msgspec.Struct, frozen=True, kw_only=True):
    """What the bundle of a recommendation holds; without files where it rests on a pilot not open to the reader.

    `size` in bytes and `sha256` are those of the ZIP file, equal however often it is taken.
    """

    recommendation_id: int
    technology_name: str
    simulated: bool
    files: tuple[FileView, ...] = ()
    left_out: tuple[Message, ...] = ()
    filename: str = ""
    size: int = 0
    sha256: str = ""

    @property
    def complete(self) -> bool:
        """Whether the reader may take it."""
        return bool(self.files)
