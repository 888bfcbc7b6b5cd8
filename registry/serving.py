"""`virkning serve`: the web application under uvicorn."""

import uvicorn

from registry.app import create_app
from registry.settings import Settings

GRACE_SECONDS = 10


def run(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C; proxy headers decide nothing, and the application writes the log."""
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return 0
