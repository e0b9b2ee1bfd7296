"""Addresses of the REST API; they stand under no language and come of the table of operations."""

from django.urls import path

from mithaq.formats.rest.operations import OPERATIONS
from mithaq_node.api import rest
from mithaq_node.api.handlers import HANDLED

app_name = "rest"
_names: dict[str, str] = {}
"""An address is called by its first operation."""
for each in OPERATIONS.values():
    _names.setdefault(each.path, each.id)

urlpatterns = [
    *(
        path(f"api{route.replace('{', '<str:').replace('}', '>')}", rest.resource(route, HANDLED), name=name)
        for route, name in _names.items()
    ),
    path("api", rest.nothing, name="bare"),
    path("api/<path:rest>", rest.nothing, name="nothing"),
    path("api/", rest.nothing, name="root"),
]
