"""Spoken numbers in addresses: `IQ 1204-7` is `IQ1204-7` there and
`IQ.north 12-5` is `IQ.north:12-5`; any digits of the four languages are understood."""

from django.urls import register_converter

from mithaq.errors import Refusal
from mithaq.notices import numbers


class SpokenNumber:
    """Path converter for a spoken number."""

    regex = "[^/]{3,60}"

    def to_python(self, value: str) -> str:
        try:
            return numbers.spoken(*numbers.parse(value))
        except Refusal as refusal:
            raise ValueError(refusal.code) from refusal

    def to_url(self, value: str) -> str:
        return value.replace(" ", ":" if "." in value else "")


register_converter(SpokenNumber, "spoken")
