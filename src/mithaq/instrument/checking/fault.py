"""What a rule yields."""

from mithaq.errors import Datum

Fault = tuple[str, str, dict[str, Datum]]
"""The path in the law, the code of the refusal, and its named data."""
