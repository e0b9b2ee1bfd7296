"""The settings module that Django imports: those of the node in the folder that `MITHAQ_DATA` names."""

import os
from pathlib import Path

from mithaq.errors import Refusal
from mithaq_node.settings import node, values

SESSION_KEY = "session.key"


def _session_key(keys: Path) -> str:
    try:
        return (keys / SESSION_KEY).read_text(encoding="ascii").strip()
    except OSError as error:
        raise Refusal("keystore.missing", file=SESSION_KEY) from error


if "MITHAQ_DATA" not in os.environ:
    raise Refusal("settings.no-data-folder")
_node = node.read(Path(os.environ["MITHAQ_DATA"]), os.environ)
globals().update(values.django_settings(_node, _session_key(_node.keys)))
