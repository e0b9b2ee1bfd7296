"""Pack what a machine without a network needs to run a node into one file, for the platform that packs it.

    python tools/bundle.py [--out dist]      or  ./run bundle

The file holds the wheel of this tree with what the browser needs built in, the wheels of everything below it by the
hashed lock, scripts that install, upgrade and remove, units of systemd, the papers as HTML, the licences, a bill of
materials (CycloneDX 1.6) and the digest of every file. Before it is packed it is installed once, without a network's
help, and the bill and the licences are taken from what was installed.
"""

import argparse
import gzip
import hashlib
import html
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-bundle.lock"
PAPERS = ("*.md", "conformance/*.md", "docs/**/*")
_LINK = re.compile(r'(<a href="[^":#]*)\.md(["#])')
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="stylesheet" href="{up}papers.css">
<nav><a href="{up}README.html">Mithaq</a> · <a href="{up}docs/README.html">Papers</a></nav>
<main>{text}</main>
</html>
"""
_SHEET = """body { margin: 0 auto; max-width: 52rem; padding: 1rem; font: 1rem/1.55 system-ui, sans-serif; }
pre { overflow-x: auto; padding: 0.75rem; background: #f2f2ee; }
table { border-collapse: collapse; } td, th { border: 1px solid #999; padding: 0.25rem 0.5rem; text-align: start; }
img { max-width: 100%; }
@media (prefers-color-scheme: dark) { body { background: #16181a; color: #eee; } pre { background: #26292c; }
a { color: #9cf; } }
"""


def platform() -> str:
    """What wheels of this machine are for, such as `linux-x86_64-cp311`; `deployment/install` asks for the same."""
    return f"{sysconfig.get_platform()}-cp{sys.version_info[0]}{sys.version_info[1]}"


def main() -> None:
    """Make the bundle and say where it lies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bundle"
        download(folder / "wheels")
        build(ROOT, folder / "wheels")
        gather(folder)
        print(pack(folder, out))


def download(wheels: Path) -> None:
    """The wheels of the lock, each with the digest that stands there."""
    _run(*_PIP, "download", "--quiet", "--require-hashes", "--only-binary", ":all:", "-r", LOCK, "-d", wheels)


def build(tree: Path, wheels: Path) -> None:
    """The wheel of a source tree, with what the browser needs built in."""
    _run(*_PIP, "wheel", "--quiet", "--no-deps", "--no-build-isolation", tree, "-w", wheels)


def gather(folder: Path) -> None:
    """Put beside the wheels in `folder` all that belongs to them, but for the digests, and install it once."""
    wheels = folder / "wheels"
    _write(folder / "requirements.txt", requirements(wheels))
    _write(folder / "VERSION", f"{_own(wheels)[1]}\n")
    _write(folder / "PLATFORM", f"{platform()}\n")
    shutil.copytree(ROOT / "deployment", folder, dirs_exist_ok=True)
    (folder / "upgrade").symlink_to("install")
    shutil.copy(ROOT / "LICENSE", folder)
    write_papers(folder / "papers")
    _try(folder)


def requirements(wheels: Path) -> str:
    """The lock, and our own wheel by its digest."""
    own, version = _own(wheels)
    return f"{LOCK.read_text('utf-8')}mithaq=={version} \\\n    --hash=sha256:{digest(own)}\n"


def pack(folder: Path, out: Path) -> Path:
    """Write the digests of all files, then the whole folder as one archive into `out`, under the archive's own name."""
    file = out / f"mithaq-{_own(folder / 'wheels')[1]}-{platform()}.tar.gz"
    listed = "".join(f"{digest(each)}  {each.relative_to(folder)}\n" for each in files(folder))
    _write(folder / "SHA256SUMS", listed)
    top = file.name.removesuffix(".tar.gz")
    unfinished = file.with_name(f"{file.name}.unfinished")
    with (
        unfinished.open("wb") as packed,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=packed, mtime=0) as whole,  # wheels are packed already
        tarfile.open(fileobj=whole, mode="w") as archive,
    ):
        archive.add(folder, top, filter=_anonymous)
    unfinished.rename(file)
    return file


def write_papers(folder: Path) -> None:
    """The papers as pages that need no network and no script; what they link to among themselves is there."""
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for paper in sorted(each for pattern in PAPERS for each in ROOT.glob(pattern)):
        place = folder / paper.relative_to(ROOT)
        if paper.is_dir():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        if paper.suffix != ".md":
            shutil.copy(paper, place)
            continue
        text = paper.read_text("utf-8")
        title = next((line.lstrip("# ") for line in text.splitlines() if line.startswith("#")), paper.stem)
        up = "../" * len(place.parent.relative_to(folder).parts)
        body = _LINK.sub(r"\1.html\2", reader.render(text))
        _write(place.with_suffix(".html"), _PAGE.format(title=html.escape(title), up=up, text=body))
    _write(folder / "papers.css", _SHEET)


def files(folder: Path) -> Iterator[Path]:
    """Every file of the bundle, in one order everywhere."""
    return iter(sorted(each for each in folder.rglob("*") if each.is_file() and not each.is_symlink()))


def digest(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _own(wheels: Path) -> tuple[Path, str]:
    """Our own wheel and its version."""
    (own,) = wheels.glob("mithaq-*.whl")
    return own, own.name.split("-")[1]


def _try(folder: Path) -> None:
    """Install what is to be packed, by its own means, and take the bill of materials and the licences from that."""
    with tempfile.TemporaryDirectory() as scratch:
        tried = Path(scratch)
        _run(sys.executable, "-m", "venv", "--without-pip", tried)
        pip = next((folder / "wheels").glob("pip-*.whl"))
        offline = ("--no-index", "--find-links", folder / "wheels", "--require-hashes", "--no-deps")
        _run(tried / "bin/python", pip / "pip", "install", "--quiet", *offline, "-r", folder / "requirements.txt")
        _run(tried / "bin/mithaq", "--version")
        bill = ("--output-reproducible", "--spec-version", "1.6", "--of", "JSON", "-o", folder / "sbom.cdx.json")
        _run(Path(sys.executable).with_name("cyclonedx-py"), "environment", *bill, tried / "bin/python")
        for licence in sorted(tried.glob("lib/python*/site-packages/*.dist-info/**/*")):
            if licence.is_file() and re.match(r"(?i)(licen[cs]e|copying|notice|authors)", licence.name):
                package = next(part for part in licence.parts if part.endswith(".dist-info")).split("-")[0]
                (folder / "licences" / package).mkdir(parents=True, exist_ok=True)
                shutil.copy(licence, folder / "licences" / package / licence.name)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Who packed it, when and under which mask is nobody's business: the same files give the same archive."""
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
