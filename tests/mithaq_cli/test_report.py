"""`mithaq report` as a process of its own, over the record of a node on the disk."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.mithaq_node import pair
from tests.mithaq_node.pair import Pair

UNNEEDED = ("ldap3", "numpy", "openpyxl", "psycopg", "shapely")
"""Libraries that a PDF from an SQLite database has no use for, and that are long in loading."""


def test_a_paper_loads_no_library_that_it_has_no_use_for(tmp_path: Path, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), closing(Pair(tmp_path)) as both:
        pair.release(both.ml, [pair.notice(both.ml.seat, 1)])
        both.settle()
    out = tmp_path / "report.pdf"
    call = ["mithaq", "report", "implementation", "--instrument", "meadow-river-2030"]
    call += ["--data", str(both.nodes[0].folder), "--language", "fa", "--out", str(out)]
    program = f"import sys; sys.argv = {call!r}\nfor name in {UNNEEDED!r}: sys.modules[name] = None\n"
    program += "from mithaq_cli.main import app; app()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith(b"%PDF")
