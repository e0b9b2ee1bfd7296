"""What a group of clocks is called to a reader."""

import calendar

from django.utils.translation import gettext

from mithaq.notices.compliance import Grouping
from mithaq_node.web.reader import Reader


def group_name(reader: Reader, by: Grouping, key: str) -> str:
    """The name of the group `key`: a label of the instrument, or the days of a month."""
    if not key:
        return gettext("no sector stated")
    if by is Grouping.MONTH:
        year, month = int(key[:4]), int(key[5:])
        last = calendar.monthrange(year, month)[1]
        return f"{reader.day(f'{key}-01')} – {reader.day(f'{key}-{last:02}')}"
    return reader.label(f"{by}.{key}")
