"""An officer at the pages of a node that serves, without a browser: each question is a connection of its own."""

import http.client
import re
from urllib.parse import urlencode

from tests.mithaq_node import meadow


class Visitor:
    """Who asks at a port of loopback."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}

    def sign_in(self, name: str) -> None:
        """At the door, as everybody."""
        _, page = self._ask("GET", "/en/signin/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        sent = {"name": name, "password": meadow.SECRET, "csrfmiddlewaretoken": token[1], "next": "/en/help/"}
        status, page = self._ask("POST", "/en/signin/", urlencode(sent))
        assert status == 302, page

    def get(self, path: str) -> int:
        """The status of a page."""
        return self._ask("GET", path)[0]

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        line = http.client.HTTPConnection("localhost", self._port, timeout=60)
        head = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        line.request(method, path, body or None, head)
        answer = line.getresponse()
        for each in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = each.partition(";")[0].partition("=")
            self._cookies[name] = value
        page = answer.read().decode()
        line.close()
        return answer.status, page
