"""The processes of this machine as tests ask for them."""

import psutil


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def children(parent: int, *words: str) -> set[int]:
    """The running processes that a process started and whose command lines hold the words."""
    return {child.pid for child in psutil.Process(parent).children() if set(words) <= _called(child)}


def _called(process: psutil.Process) -> set[str]:
    """The command line of a process; of one that ended, nothing."""
    try:
        return set(process.cmdline())
    except psutil.NoSuchProcess:
        return set()
