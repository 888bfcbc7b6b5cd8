"""What every answer tells the browser: nothing loads from elsewhere, nothing is guessed, nobody frames us."""

from litestar.types import Message, Scope

from registry.kit.request import reference_of

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
ALWAYS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_ENCODED = tuple((name.encode(), value.encode()) for name, value in ALWAYS.items())
TRANSPORT = "max-age=31536000; includeSubDomains"


async def protect(message: Message, scope: Scope) -> None:
    """Litestar before-send hook: adds the headers to every answer, errors included."""
    if message["type"] != "http.response.start":
        return
    headers = [*message["headers"], *_ENCODED, (b"x-reference", reference_of(scope).encode())]
    if scope["litestar_app"].state.settings.secure_cookies:
        headers.append((b"strict-transport-security", TRANSPORT.encode()))
    message["headers"] = headers
