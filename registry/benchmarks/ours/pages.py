"""The list of pilots as a project lead gets it: session, permissions, CSRF token, menu, the reader's language."""

import sys

from registry.benchmarks.pilot_list import LISTED, session_of, settings_of
from registry.benchmarks.readings import Reading, Task
from registry.benchmarks.serving import asked, free_port, serving
from registry.kit.sessions import session_cookie


def listed(task: Task) -> Reading:
    """CPU of `virkning serve`, one process, its log included."""
    port = free_port()
    settings = settings_of(task, port)
    cookies = f"{session_cookie(settings)}={session_of(task)}; visit=benchmark"
    headers = {"cookie": cookies, "accept": "text/html"}
    with serving([sys.executable, "-m", "registry.cli", "serve"], port, settings.environment()) as pid:
        return asked(pid, port, f"/pilots?size={LISTED}", headers, task.requests, "Night sensors")
