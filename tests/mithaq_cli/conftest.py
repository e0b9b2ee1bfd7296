"""A command called within this process speaks to the process's environment; the next test finds it as it was."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """The environment as it was before, whatever a command named in it."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
