"""What the node's processes say to stderr: one line an event, and never what was filed."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest

from mithaq.errors import Refusal
from mithaq_node.settings import logs

FILED = "دود در خاور آب‌بند"


@pytest.fixture
def said(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What a logger of its own says in the format that the test asks for."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines() if request.param == "json" else logs.TextLines())
    logger = logging.getLogger("mithaq.test")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(handler)


@pytest.mark.parametrize("said", ["json"], indirect=True)
def test_an_event_is_one_line_of_json(said: io.StringIO) -> None:
    logging.getLogger("mithaq.test").warning("%s: %s", "IR", "line\nbroken")
    (line,) = said.getvalue().splitlines()
    event = json.loads(line)
    assert (event["level"], event["logger"], event["message"]) == ("warning", "mithaq.test", "IR: line\nbroken")
    assert event["at"].endswith("Z")
    assert "fault" not in event


@pytest.mark.parametrize("said", logs.FORMATS, indirect=True)
def test_a_fault_is_said_by_its_type_and_place_and_never_by_what_it_was_given(said: io.StringIO) -> None:
    try:
        raise ValueError(FILED)
    except ValueError:
        logging.getLogger("mithaq.test").exception("the link is opened again")
    assert "ValueError" in said.getvalue()
    assert "test_logs.py" in said.getvalue()
    assert FILED not in json.dumps(said.getvalue(), ensure_ascii=False)


@pytest.mark.parametrize("said", logs.FORMATS, indirect=True)
def test_a_refusal_is_said_by_its_code(said: io.StringIO) -> None:
    try:
        raise Refusal("node.port-busy", host="h", port=1)
    except Refusal:
        logging.getLogger("mithaq.test").exception("door")
    assert "node.port-busy" in said.getvalue()


@pytest.mark.parametrize("form", logs.FORMATS)
def test_the_configuration_is_plain_data_that_logging_takes(form: str) -> None:
    held = json.loads(json.dumps(logs.config(form)))
    configurator = logging.config.DictConfigurator(held)
    formatter = configurator.configure_formatter(held["formatters"]["lines"])
    assert isinstance(formatter, logs.JsonLines if form == "json" else logs.TextLines)
