"""What the browser gets: ours, the design system's, and nothing it does not need."""

from pathlib import Path

import pytest

from registry.kit import assets

SHEET = (
    '@font-face{src:url("../fonts/A.eot");}@font-face{font-family:A;src:url("../fonts/A.eot"),'
    'url("../fonts/A.woff2") format("woff2"),url("../fonts/A.ttf") format("ttf")}'
    "a{mask:url(../img/check.svg)}b{background:url(data:image/png;base64,xx)}/*# sourceMappingURL=x.map */"
)

ICONS = '<symbol id="menu"><path/></symbol><symbol id="truck"><path/></symbol>'


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    files = {
        "dkfds/dist/css/dkfds.min.css": SHEET,
        "dkfds/dist/js/dkfds.min.js": "design",
        "dkfds/dist/fonts/A.woff2": "font",
        "dkfds/dist/fonts/A.eot": "old font",
        "dkfds/dist/img/check.svg": "<svg/>",
        "dkfds/dist/img/all-svg-icons.svg": f"<svg>{ICONS}</svg>",
        "htmx.org/dist/htmx.min.js": "htmx",
        "own/app.css": "ours",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return tmp_path


def test_only_what_a_page_asks_for_is_copied(packages: Path, tmp_path: Path) -> None:
    target = tmp_path / "static"
    target.mkdir()
    (target / "stale.css").touch()
    assets.build(packages, packages / "own", target)
    names = {path.name for path in target.iterdir()}
    assert names == {"A.woff2", "A.eot", "app.css", "check.svg", "dkfds.css", "dkfds.js", "htmx.js", "icons.svg"}
    sheet = (target / "dkfds.css").read_text("utf-8")
    assert "../" not in sheet
    assert 'src:url(A.woff2) format("woff2")' in sheet
    assert "url(data:image/png;base64,xx)" in sheet
    assert "sourceMapping" not in sheet


def test_the_sprite_has_the_icons_our_templates_name(packages: Path, tmp_path: Path) -> None:
    assets.build(packages, packages / "own", tmp_path / "static")
    sprite = (tmp_path / "static" / "icons.svg").read_text("utf-8")
    assert 'id="menu"' in sprite
    assert "truck" not in sprite


def test_the_lock_file_names_no_index() -> None:
    lock = (assets.ROOT / "package-lock.json").read_text("utf-8")
    assert "resolved" not in lock
    assert "http" not in lock
