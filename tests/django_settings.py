"""Django's settings for tests, types and migrations: a node that is not one of anybody's, in memory.

Tests that need rows or files make a folder of their own and point Django at it (`tests/mithaq_node/conftest.py`).
"""

import tempfile
from pathlib import Path

from mithaq_node.settings.node import parse
from mithaq_node.settings.values import django_settings

_node = parse(Path(tempfile.gettempdir()) / "mithaq-tests", {"party": "AA", "demo": True, "fence": "fence"})
NODE = _node
globals().update(django_settings(_node, "a key for tests only, signing no cookie of any officer"))
DATABASES["default"]["NAME"] = ":memory:"  # type: ignore[name-defined]  # noqa: F821  # set by the line above
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""Thousands of sign-ins need no slow hash; what a node has stands in `settings.values` and is tested there."""
