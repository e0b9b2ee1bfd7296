"""A program with a token, as it asks the REST API."""

import json
from typing import Any

from django.test import Client

from mithaq_node.services import tokens
from mithaq_node.store.models import Officer
from tests.mithaq_node.meadow import INCIDENT


class Program:
    """Asks with a token of an officer."""

    def __init__(self, officer: Officer, *scopes: str, language: str = "en") -> None:
        self.secret = tokens.make(officer=officer, scopes=scopes, label="a system", days=1)[1]
        self.language = language

    def ask(self, method: str, address: str, body: Any = None, **heads: str) -> Any:
        """What is answered to a body, which is sent as JSON unless it is bytes already."""
        said = {"Authorization": f"Bearer {self.secret}", "Accept-Language": self.language}
        content_type = heads.pop("type", "application/json")
        sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return Client().generic(
            method, f"/api/{address}", sent, content_type=content_type, headers={**said, **_dashed(heads)}
        )

    def get(self, address: str, **heads: str) -> Any:
        return self.ask("GET", address, **heads)

    def draft(self, key: str = "a-key-of-mine", **said: Any) -> Any:
        """What is answered to a new draft of an incident, or of what is `said`."""
        body = {"kind": "incident.initial", "content": INCIDENT, **said}
        return self.ask("POST", "drafts", body, Idempotency_Key=key)


def _dashed(heads: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in heads.items()}


def refused(answer: Any) -> tuple[int, str]:
    """Status and code of a problem; what it is sent as is looked at too."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    said = answer.json()
    assert said["status"] == answer.status_code
    return answer.status_code, said["code"]
