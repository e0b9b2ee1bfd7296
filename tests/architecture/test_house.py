"""What imports and types cannot see of the house's rules, read from the files themselves."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src"
CORE = SOURCES / "mithaq"
KINDS = CORE / "notices" / "kinds"


def _committed() -> list[Path]:
    """Every file that is committed; all that are not ignored, where this is no working copy."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a working copy: what is committed cannot be told")
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def _texts() -> list[tuple[Path, str]]:
    found = []
    for path in _committed():
        try:
            found.append((path, path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_the_core_is_imported_without_django_database_or_network():
    modules = sorted(
        ".".join(path.relative_to(SOURCES).with_suffix("").parts).removesuffix(".__init__")
        for path in CORE.rglob("*.py")
    )
    program = (
        "import importlib, sys\n"
        "for name in ('django', 'sqlite3', 'psycopg', 'granian', 'typer'): sys.modules[name] = None\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(SOURCES)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_verifying_imports_neither_django_nor_a_database():
    program = (
        "import sys\n"
        "for name in ('django', 'sqlite3', 'psycopg'): sys.modules[name] = None\n"
        "from mithaq_cli import main, record, verify\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(SOURCES)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_no_kind_is_named_outside_the_library_and_the_instruments():
    kinds = {path.name for path in KINDS.iterdir() if (path / "kind.yaml").exists()}
    assert "incident.initial" in kinds
    # What the program itself writes and reads is no kind of the library; a demonstration plays kinds by name.
    told = {CORE / "notices" / "kinds", SOURCES / "mithaq_cli" / "demo"}
    found = []
    for path in SOURCES.rglob("*.py"):
        if not any(folder in path.parents for folder in told):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and node.value in kinds:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.value}")
    assert found == []


def test_every_package_says_in_one_line_what_it_is_for():
    silent = []
    for path in SOURCES.rglob("__init__.py"):
        if path.parent.name == "migrations":
            continue
        said = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        if not said or len(said.splitlines()[0]) < 15:
            silent.append(str(path.relative_to(ROOT)))
    assert silent == []


def test_every_folder_of_python_is_a_package():
    folders = {path.parent for path in SOURCES.rglob("*.py")} - {SOURCES}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_nothing_is_called_utils_or_helpers():
    vague = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "data"}
    assert [str(path) for path in SOURCES.rglob("*") if path.suffix in ("", ".py") and path.stem in vague] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock", "package-lock.json"])
def test_locks_hold_hashes_and_no_addresses(name: str):
    lock = (ROOT / name).read_text("utf-8")
    if name == "package-lock.json":
        lines = [line for line in lock.splitlines() if "://" in line and '"url"' not in line]
        assert '"integrity"' in lock
    else:
        lines = [line for line in lock.splitlines() if "://" in line]
        pinned = re.findall(r"^[a-zA-Z0-9_.\[\]-]+==\S+", lock, re.MULTILINE)
        assert len(pinned) > 30
        assert lock.count("--hash=sha256:") >= len(pinned)
    assert lines == []


def test_nothing_committed_names_a_registry_or_a_path_of_somebodys_machine():
    registries = ("pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "deb.debian" + ".org")
    machine = re.compile(r"(?<![\w.}])/(?:home|root|work|Users)/[\w.-]+")
    found = [
        f"{path.relative_to(ROOT)}: {hit}"
        for path, text in _texts()
        for hit in [*(each for each in registries if each in text), *machine.findall(text)]
    ]
    assert found == []


def test_no_third_party_script_or_letter_is_committed():
    found = []
    for path, text in _texts():
        if path.suffix in (".js", ".css", ".mjs") and max(map(len, text.splitlines()), default=0) > 1_000:
            found.append(str(path.relative_to(ROOT)))
    foreign = [str(path) for path in _committed() if path.suffix in (".woff", ".woff2", ".ttf", ".otf", ".map")]
    assert found + foreign == []


def test_pages_hold_no_inline_script_and_no_inline_style():
    found = []
    for path in SOURCES.rglob("*.html"):
        text = path.read_text("utf-8")
        for pattern in (r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", r"\sstyle=\"", r"\son[a-z]+=\""):
            if re.search(pattern, text):
                found.append(f"{path.relative_to(ROOT)}: {pattern}")
    assert found == []


def test_every_decision_has_a_number_of_its_own():
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers)) > 8


def test_pictures_are_few_and_small():
    pictures = [path for path in _committed() if path.suffix in (".png", ".jpg", ".jpeg", ".webp")]
    assert len(pictures) <= 8
    assert [path.name for path in pictures if path.stat().st_size > 150 * 1024] == []
