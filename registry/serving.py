"""`virkning serve`: the web application under uvicorn."""

import gc

import uvicorn

from registry.app import create_app
from registry.settings import Settings

GRACE_SECONDS = 10
NEW_OBJECTS = 20_000
"""How many new objects the garbage collector waits for: several pages' worth, instead of a part of one."""


def run(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C; proxy headers decide nothing, and the application writes the log."""
    app = create_app(settings)
    settle()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return 0


def settle() -> None:
    """Tell the garbage collector that what is loaded now stays, and to look less often at what requests make.

    Almost all of that is freed by reference counts; looking through it took a fifth of the CPU of a list page.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
