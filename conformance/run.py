"""Run an implementation over the vectors: one call of its command a case. Needs Python alone; see README.md."""

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

VECTORS = Path(__file__).parent / "vectors"
PATIENCE = 60.0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--command", required=True, help="called with the path of a case as its last argument")
    parser.add_argument("messages", nargs="*", help="only these; default: all")
    asked = parser.parse_args(arguments)
    counts = {"agrees": 0, "differs": 0, "skips": 0}
    for path in sorted(VECTORS.glob("*/*.json")):
        case = json.loads(path.read_text("utf-8"))
        if asked.messages and case["message"] not in asked.messages:
            continue
        answer = _answer(shlex.split(asked.command), path)
        outcome = "skips" if answer == "skip" else "agrees" if answer == case["expect"] else "differs"
        counts[outcome] += 1
        if outcome == "differs":
            print(
                f"{path.relative_to(VECTORS)}: expected {case['expect']}, found {answer or 'nothing'}: {case['about']}"
            )
    print(", ".join(f"{counted} {outcome}" for outcome, counted in counts.items()))
    return 1 if counts["differs"] or not counts["agrees"] else 0


def _answer(command: list[str], path: Path) -> str:
    """The first line that the command prints."""
    try:
        done = subprocess.run(
            [*command, str(path)], capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return "nothing in time"
    return done.stdout.split("\n", 1)[0].strip()


if __name__ == "__main__":
    sys.exit(main())
