"""Who may take a bundle: whoever may see everything that it holds."""

from typing import Final

from effects.message import Message
from registry.kit.access import SIGNED_IN

VIEW: Final = SIGNED_IN
"""Anyone signed in may ask; what they get follows from the pilots behind the recommendation."""

FILENAME: Final = "virkning-recommendation-{}.zip"
ZIP: Final = "application/zip"

NOTHING_OF_ROWS: Final = Message("Rows of persons or clusters: the result states their hash.")
NOBODYS_NAME: Final = Message("Names: people are there by their role, and remarks are left out.")
NO_SMALL_GROUP: Final = Message("Figures on groups so small that somebody could be recognised: results hold none.")
LEFT_OUT: Final = (NOTHING_OF_ROWS, NOBODYS_NAME, NO_SMALL_GROUP)
"""What no bundle holds."""
