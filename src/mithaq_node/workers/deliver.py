"""One loop a counterpart: wait for the bell or the next thing due, then let the service do one step.

Of several worker processes of a node one has the claim to a counterpart (`store.claims`); the others wait for it.
A new leaf rings the bell and is on its way at once; a ring that is lost costs half a second. The heartbeat, pauses
after failures and what is sent again are the link's (`mithaq.exchange.session`). After any error nothing in memory is
kept: the holdings are opened again, and so read from the store what is really there.
"""

import http.client
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from mithaq.errors import Fault
from mithaq.exchange import session
from mithaq.exchange.session import Link
from mithaq.moments import Moment
from mithaq.notices import numbers
from mithaq_node.carrier.line import Line
from mithaq_node.keystore import custody
from mithaq_node.services import delivering
from mithaq_node.services.calling import LineDown, path_of
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.outgoing import Ahead
from mithaq_node.services.seat import Counterpart, Seat
from mithaq_node.store import claims

LOOK = 0.5
"""Seconds after which the log is looked at even when nothing rang."""

log = logging.getLogger("mithaq.deliver")


class Delivery(threading.Thread):
    """The loop to one counterpart. `wake` makes it look at once, `stop` ends it after the step it is in.

    `stepped` is told the link after every step.
    """

    def __init__(
        self,
        seat: Seat,
        peer: Counterpart,
        now: Callable[[], Moment],
        stepped: Callable[[Link], None] = lambda _: None,
    ) -> None:
        super().__init__(name=f"deliver-{numbers.caller(peer.party, seat.audience)}", daemon=True)
        self._seat, self._peer, self._now, self._stepped = seat, peer, now, stepped
        self._ahead = Ahead()
        self._woken, self._stopped = threading.Event(), threading.Event()
        keys = seat.folder / "keys"
        own = keys / custody.TLS_CERTIFICATE, keys / custody.TLS_KEY, custody.tls_password(keys)
        self._line = Line(peer.url, peer.certificate, *own)

    def wake(self) -> None:
        """There is something new."""
        self._woken.set()

    def stop(self) -> None:
        """End the loop."""
        self._stopped.set()
        self._woken.set()

    def run(self) -> None:
        """Open, step, and open again after an error, until stopped."""
        link = Link()
        while not self._stopped.is_set():
            try:
                link = self._serve(link)
            except Fault as fault:
                log.error("%s: %s", self._peer.party, fault)
                link = session.failed(link, "link.fault", self._now().seconds)
            except Exception:
                log.exception("%s: the link is opened again", self._peer.party)
                link = session.failed(link, "link.fault", self._now().seconds)
            if link.not_before:
                self._pause(min(link.not_before - self._now().seconds, session.LONGEST_PAUSE))
        self._line.close()

    def _serve(self, before: Link) -> Link:
        holdings = Holdings(self._seat)
        try:
            if not self._claimed(holdings):
                return before
            kept = delivering.load(holdings, self._peer)
            link = replace(kept, failures=before.failures, not_before=before.not_before)
            while not self._stopped.is_set():
                self._woken.clear()
                known = link.code
                link, pause = delivering.step(holdings, self._peer, link, self._carry, self._now(), self._ahead)
                if link.code and link.code != known:
                    log.warning("%s: %s", self._peer.party, link.code)
                self._stepped(link)
                self._pause(min(pause, LOOK))
            return link
        finally:
            self._ahead = Ahead()  # what is due would be made through the holdings that are closed now
            holdings.close()

    def _claimed(self, holdings: Holdings) -> bool:
        """Once no other process of this node serves the link; not when stopped before."""
        what = f"deliver {self._seat.origin} {self._peer.party}"
        while not self._stopped.is_set():
            if claims.taken(holdings.conn, holdings.engine, what):
                return True
            self._stopped.wait(LOOK)
        return False

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self._woken.wait(seconds)

    def _carry(self, body: bytes, fields: Mapping[str, str]) -> bytes:
        try:
            _, answer = self._line.post(path_of(body, self._seat.audience), body, fields, self._ahead.make)
        except (OSError, http.client.HTTPException) as error:
            raise LineDown("link.down") from error
        return answer
