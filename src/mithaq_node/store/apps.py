"""The Django application that owns every table of a node."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "mithaq_node.store"
    label = "store"
