"""The templates themselves, whether or not a test makes their page."""

import re
from pathlib import Path

import pytest
from django.template import Engine

from mithaq_node import web

FOLDER = Path(web.__file__).parent / "templates"
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file())
_LOADED = re.compile(r"{% load ([^%]+) %}")
_CODE = re.compile(r"{[%{] *(.*?) *[%}]}", re.DOTALL)
_WORD = re.compile(r"[a-z_]+")
_OF_DJANGO = {"i18n", "static"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_loads_the_tags_that_it_uses_and_no_others(name: str):
    engine = Engine.get_default()
    made = engine.get_template(name)
    loaded = {each for line in _LOADED.findall(made.source) for each in line.split()} - _OF_DJANGO
    words = {word for code in _CODE.findall(made.source) for word in _WORD.findall(code)}
    libraries = {library: engine.template_libraries[library] for library in loaded}
    assert {
        library for library, has in libraries.items() if not words & (has.tags.keys() | has.filters.keys())
    } == set()
