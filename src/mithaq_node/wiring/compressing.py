"""What the desk answers goes out compressed where it is text; files of other forms go as they are, and so do streams.

A secret in a page must not be told by how well the page compresses beside what somebody else put into it: form tokens
are masked anew in every answer, and Django pads what it compresses by a random length.
"""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_TEXT = ("text/", "application/json", "application/geo+json")


class Compressing(GZipMiddleware):
    """Django's, for text that is at hand."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.headers.get("Content-Type", "").startswith(_TEXT):
            return response
        return super().process_response(request, response)
