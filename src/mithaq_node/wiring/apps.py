"""Registers what stands across the whole node: its system checks."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "mithaq_node.wiring"
    label = "wiring"

    def ready(self) -> None:
        from mithaq_node.wiring import checks  # noqa: F401  # registering is its effect
