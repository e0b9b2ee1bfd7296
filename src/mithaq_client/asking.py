"""The client: a method for each operation of the API, and the one way in which all of them ask."""

import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.client import HTTPException
from typing import Any, Protocol, TypeVar
from urllib.error import HTTPError
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

import msgspec

from mithaq.formats.rest import values
from mithaq.formats.rest.operations import JSON, OPERATIONS
from mithaq_client.refused import Unexpected, refusal

_MOST_ANSWER = 64 * 1024 * 1024
"""Bytes of an answer that are read."""
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})

T = TypeVar("T", bound=msgspec.Struct)
Item = TypeVar("Item", covariant=True)


class _Page(Protocol[Item]):
    """A page of a list."""

    @property
    def items(self) -> Sequence[Item]: ...
    @property
    def next(self) -> str | None: ...


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: a token is sent to the node that it is for and to nobody else."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


class Client:
    """A node as a program asks it.

    Every method returns what the description of the API says, or raises `Refused` with the refusal's code, `Unexpected`
    for an answer that is none of a node, or `OSError` where nothing was answered, or not all of it: then it is not
    known whether it was done, and the same may be asked again (drafts and feeds with the same key).
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        language: str = "en",
        seconds: float = 30,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """`address` is that of the API, `https://desk.example/api`; `language` (ar, fa, ckb, en) is that of refusals;
        `seconds` is how long an answer is waited for; `context` names the certificate authority where it is one's own.

        Raises ValueError for an address that would send the token in the clear to another machine.
        """
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
            raise ValueError("the address begins with https://")
        self._address, self._token = address.rstrip("/"), token
        self._language, self._seconds = language, seconds
        # Through a proxy, https is a tunnel; http would be read there, and its token with it.
        proxies = ProxyHandler() if parts.scheme == "https" else ProxyHandler({})
        self._opener: OpenerDirector = build_opener(proxies, _NoRedirect, HTTPSHandler(context=context))

    def bearer(self) -> values.Bearer:
        """Whose token this is, and what it opens."""
        return self._asked(values.Bearer, "bearer")

    def kinds(self) -> values.Kinds:
        """The kinds of notices of the instrument."""
        return self._asked(values.Kinds, "kinds")

    def kind(self, kind: str) -> values.KindDescribed:
        """One kind, with the JSON Schema of its fields."""
        return self._asked(values.KindDescribed, "kind", kind=kind)

    def drafts(self, *, limit: int | None = None, after: str | None = None) -> values.Drafts:
        """A page of the drafts that have not left."""
        return self._asked(values.Drafts, "drafts", limit=limit, after=after)

    def create_draft(self, draft: values.NewDraft, *, key: str) -> values.DraftKept:
        """Keep a new draft. The same `key` with the same draft is one draft, however often it is sent within a day."""
        return self._asked(values.DraftKept, "create_draft", draft, idempotency_key=key)

    def draft(self, draft: str) -> values.Draft:
        """One draft, or what has become of it."""
        return self._asked(values.Draft, "draft", draft=draft)

    def change_draft(self, draft: str, content: values.NewDraft, *, revision: int) -> values.DraftKept:
        """Put another content in the place of that of a draft which was read at `revision`."""
        return self._asked(values.DraftKept, "change_draft", content, draft=draft, if_match=f'"{revision}"')

    def drop_draft(self, draft: str) -> None:
        """Drop a draft that is not filed."""
        self._sent("drop_draft", None, draft=draft)

    def preview(self, draft: str) -> values.Preview:
        """Exactly what would leave, and what whoever releases must answer."""
        return self._asked(values.Preview, "preview", draft=draft)

    def file_draft(self, draft: str, signing: values.Signing) -> values.DraftKept:
        """Sign as the first officer."""
        return self._asked(values.DraftKept, "file_draft", signing, draft=draft)

    def recall_draft(self, draft: str) -> values.DraftKept:
        """Take back what the token's officer has filed."""
        return self._asked(values.DraftKept, "recall_draft", draft=draft)

    def hand_back_draft(self, draft: str, remark: values.HandingBack) -> values.DraftKept:
        """Give a filed draft back with a remark."""
        return self._asked(values.DraftKept, "hand_back_draft", remark, draft=draft)

    def release_draft(self, draft: str, releasing: values.Releasing) -> values.Released:
        """Sign as the second officer, or alone where the kind permits it."""
        return self._asked(values.Released, "release_draft", releasing, draft=draft)

    def feed(self, notice: values.FeedNotice, *, key: str) -> values.Released:
        """Send a notice of a kind that the instrument marks machine feed, once for each `key`."""
        return self._asked(values.Released, "feed", notice, idempotency_key=key)

    def notices(
        self, *, limit: int | None = None, after: str | None = None, party: str | None = None, kind: str | None = None
    ) -> values.Notices:
        """A page of notices in the order of each log; its `cursor` asks for what came since."""
        return self._asked(values.Notices, "notices", limit=limit, after=after, party=party, kind=kind)

    def notice(self, number: str) -> values.NoticeWhole:
        """One notice."""
        return self._asked(values.NoticeWhole, "notice", number=number)

    def proof(self, number: str) -> bytes:
        """The tlog-proof of a notice, for `mithaq verify`."""
        return self._sent("proof", None, number=number)

    def incidents(
        self, *, limit: int | None = None, after: str | None = None, party: str | None = None, state: str | None = None
    ) -> values.Incidents:
        """A page of incidents, with the parties' accounts side by side."""
        return self._asked(values.Incidents, "incidents", limit=limit, after=after, party=party, state=state)

    def incident(self, number: str) -> values.Incident:
        """The incident to which a notice belongs."""
        return self._asked(values.Incident, "incident", number=number)

    def clocks(self, *, limit: int | None = None, after: str | None = None, party: str | None = None) -> values.Clocks:
        """A page of what is owed now."""
        return self._asked(values.Clocks, "clocks", limit=limit, after=after, party=party)

    def crossings(self) -> values.Crossings:
        """Every crossing."""
        return self._asked(values.Crossings, "crossings")

    def crossing(self, crossing: str) -> values.Crossing:
        """One crossing."""
        return self._asked(values.Crossing, "crossing", crossing=crossing)

    def commitments(self) -> values.Commitments:
        """Every commitment."""
        return self._asked(values.Commitments, "commitments")

    def commitment(self, commitment: str) -> values.Commitment:
        """One commitment."""
        return self._asked(values.Commitment, "commitment", commitment=commitment)

    def meetings(self, *, limit: int | None = None, after: str | None = None) -> values.Meetings:
        """A page of meetings."""
        return self._asked(values.Meetings, "meetings", limit=limit, after=after)

    def meeting(self, number: str) -> values.Meeting:
        """The meeting that a notice called."""
        return self._asked(values.Meeting, "meeting", number=number)

    def description(self) -> Mapping[str, Any]:
        """The API's own description, OpenAPI 3.1."""
        found: Mapping[str, Any] = msgspec.json.decode(self._sent("description", None))
        return found

    def _asked(self, answer: type[T], id: str, body: msgspec.Struct | None = None, **given: Any) -> T:
        said = self._sent(id, body, **given)
        try:
            return msgspec.json.decode(said, type=answer)
        except msgspec.DecodeError as error:
            raise Unexpected(f"{id}: {error}") from error

    def _sent(self, id: str, body: msgspec.Struct | None, **given: Any) -> bytes:
        """What is answered to an operation with these parameters, named as in Python; those that are None stay away."""
        operation = OPERATIONS[id]
        known = {re.sub("-", "_", each.name).lower(): each for each in operation.parameters}
        named = [(known[name], str(value)) for name, value in given.items() if value is not None]
        path = {each.name: quote(value, safe="") for each, value in named if each.where == "path"}
        query = urlencode([(each.name, value) for each, value in named if each.where == "query"])
        address = self._address + operation.path.format_map(path) + (f"?{query}" if query else "")
        request = Request(address, method=operation.method)
        request.add_header("Accept", operation.media_type)
        request.add_header("Accept-Language", self._language)
        if not operation.is_open:
            request.add_header("Authorization", f"Bearer {self._token}")
        for each, value in named:
            if each.where == "header":
                request.add_header(each.name, value)
        if body is not None:
            request.add_header("Content-Type", JSON)
            request.data = msgspec.json.encode(body)
        return self._exchanged(request)

    def _exchanged(self, request: Request) -> bytes:
        try:
            return self._answered(request)
        except HTTPException as error:
            raise ConnectionError(f"no whole answer: {error!r}") from error

    def _answered(self, request: Request) -> bytes:
        try:
            with self._opener.open(request, timeout=self._seconds) as answer:
                return _whole(answer)
        except HTTPError as error:
            with error:
                raise refusal(error.code, _whole(error), error.headers.get("Retry-After", "")) from None


def _whole(answer: Any) -> bytes:
    """The body of an answer; `read` is silent about one that ends before the length that was announced."""
    said: bytes = answer.read(_MOST_ANSWER + 1)
    if len(said) > _MOST_ANSWER:
        raise Unexpected(f"an answer of more than {_MOST_ANSWER} bytes")
    if answer.length:
        raise ConnectionError(f"no whole answer: {answer.length} bytes are missing")
    return said


def every(ask: Callable[[str | None], _Page[Item]]) -> Iterator[Item]:
    """Every item of a list, page by page: `every(lambda after: client.notices(party="ML", after=after))`.

    Of the address of the next page only the place is taken, so nobody can send the program elsewhere.
    """
    after: str | None = None
    while True:
        page = ask(after)
        yield from page.items
        if page.next is None:
            return
        after = dict(parse_qsl(urlsplit(page.next).query)).get("after")
        if after is None:
            raise Unexpected("a next page without a place")
