"""One kept-open HTTPS connection to a counterpart's door, over TLS 1.3 with the certificate of its card and no other.

Both sides show self-signed certificates that the other has pinned at pairing; there is no authority to ask and no name
to check, since the certificate itself is the name. A connection that the other side has closed meanwhile is opened
again once; everything else is `OSError` or `HTTPException`, and the caller's to wait about.
"""

import http.client
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

TIMEOUT = 30.0
_MOST_ANSWER = 64 * 1024 * 1024


class Line:
    """A line to `url`, opened at the first call; `password` opens our own TLS key."""

    def __init__(self, url: str, certificate: str, own_certificate: Path, own_key: Path, password: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 443
        self._context = _context(certificate, own_certificate, own_key, password)
        self._connection: http.client.HTTPSConnection | None = None

    def post(
        self, path: str, body: bytes, fields: Mapping[str, str], meanwhile: Callable[[], None] = lambda: None
    ) -> tuple[int, bytes]:
        """Status and body of the answer to one POST; raises `OSError` or `http.client.HTTPException`.

        `meanwhile` is called once the request has gone, before the answer is waited for.
        """
        fresh = self._connection is None
        try:
            return self._post(path, body, fields, meanwhile)
        except (ConnectionError, http.client.RemoteDisconnected, http.client.CannotSendRequest, ssl.SSLError):
            if fresh:
                raise
            return self._post(path, body, fields, meanwhile)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _post(
        self, path: str, body: bytes, fields: Mapping[str, str], meanwhile: Callable[[], None]
    ) -> tuple[int, bytes]:
        try:
            connection = self._open()
            headers = {"Content-Type": "application/octet-stream", **fields}
            connection.request("POST", path, body=body, headers=headers)
            meanwhile()
            response = connection.getresponse()
            answer = response.read(_MOST_ANSWER + 1)
            if len(answer) > _MOST_ANSWER:
                raise http.client.HTTPException("the answer is too long")
            return response.status, answer
        except BaseException:
            self.close()
            raise

    def _open(self) -> http.client.HTTPSConnection:
        if self._connection is None:
            self._connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=TIMEOUT, context=self._context
            )
        return self._connection


def _context(certificate: str, own_certificate: Path, own_key: Path, password: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=certificate)
    context.load_cert_chain(own_certificate, own_key, password)
    return context
