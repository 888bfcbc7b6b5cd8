"""What has to outlast a power cut."""

import os
from pathlib import Path


def synced(folder: Path) -> None:
    """Have the names in a folder reach the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
