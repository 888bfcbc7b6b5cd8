"""Headers behind TLS; the others are seen on the whole application."""

from litestar import get

from registry.kit.headers import POLICY, protect
from registry.settings import Settings
from tests.registry.kit.conftest import Serve


@get("/")
async def home() -> str:
    return "home"


async def test_behind_tls_the_browser_is_told_to_stay_there(serve: Serve, settings: Settings) -> None:
    client = await serve(home, before_send=[protect])
    assert "strict-transport-security" not in (await client.get("/")).headers
    behind_tls = Settings(state=settings.state, secret=settings.secret, secure_cookies=True)
    client = await serve(home, before_send=[protect], settings=behind_tls)
    assert "max-age=31536000" in (await client.get("/")).headers["strict-transport-security"]


def test_the_policy_allows_nothing_but_ourselves() -> None:
    sources = {source for part in POLICY.split("; ") for source in part.split()[1:]}
    assert sources == {"'self'", "'none'"}
    assert POLICY.startswith("default-src 'none'")
