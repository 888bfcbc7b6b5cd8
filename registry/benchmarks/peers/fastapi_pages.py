"""The bare list on FastAPI, asked as ours is."""

import sys

from registry.benchmarks.peers import fastapi_app
from registry.benchmarks.readings import Reading, Task
from registry.benchmarks.serving import asked, free_port, serving


def listed(task: Task) -> Reading:
    """CPU of one uvicorn process without sessions, permissions, forms, languages or a log."""
    port = free_port()
    with serving([sys.executable, "-m", fastapi_app.__name__, task.database, str(port)], port) as pid:
        return asked(pid, port, "/pilots", {}, task.requests, "Night sensors")
