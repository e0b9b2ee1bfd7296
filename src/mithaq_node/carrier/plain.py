"""One call to a witness over HTTP or HTTPS. What it carries proves itself, so nobody's certificate is pinned here."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT = 15.0
_MOST_ANSWER = 65_536


@dataclass(frozen=True)
class Address:
    """The address before the calls of a witness, such as `https://witness.example/mithaq`."""

    url: str

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body; raises `OSError` or `http.client.HTTPException`."""
        return self._call("GET", path, None)

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body; raises `OSError` or `http.client.HTTPException`."""
        return self._call("POST", path, body)

    def _call(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
        try:
            connection.request(method, f"{parts.path.rstrip('/')}/{path}", body=body)
            response = connection.getresponse()
            answer = response.read(_MOST_ANSWER + 1)
            if len(answer) > _MOST_ANSWER:
                raise http.client.HTTPException("the answer is too long")
            return response.status, answer
        finally:
            connection.close()
