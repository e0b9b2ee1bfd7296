"""The hand of one party in the story: a process of that node's own kind that does what its officers would do.

`python -m mithaq_cli.demo.hand DATA` reads one request a line, `{"do": deed, "with": {…}}`, and answers one line,
`{"done": result}` or `{"refused": {"code", "data"}}`. Every deed is a call of the same service that the desk calls; two
parties' hands are two processes, because a process knows one node only.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from mithaq.errors import Refusal

Deed = Callable[..., Any]


def serve(data: Path, requests: TextIO, answers: TextIO) -> None:
    """Answer requests for the node in `data` until there are no more."""
    os.environ["MITHAQ_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "mithaq_node.settings.django"
    import django  # after the data folder is known: a process knows one node only

    django.setup()
    from mithaq_cli.demo import deeds

    for line in requests:
        print(json.dumps(_answer(deeds.DEEDS, json.loads(line))), file=answers, flush=True)


def _answer(deeds: Mapping[str, Deed], request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {"done": deeds[request["do"]](**request["with"])}
    except Refusal as refusal:
        return {"refused": {"code": refusal.code, "data": dict(refusal.data)}}


if __name__ == "__main__":
    # What libraries print must not stand between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(Path(sys.argv[1]), sys.stdin, answers)
