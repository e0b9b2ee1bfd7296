"""A request that a program names by a key is done once: asked again within a day it is answered as the first time.

The answer stands in the same transaction as what it tells of, so a program whose line broke asks again without fear.
What was refused is not kept: whoever mends it may use the key again.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.db.utils import IntegrityError

from mithaq.errors import Refusal
from mithaq_node.services import clock, storage
from mithaq_node.store.models import AccessToken, AnsweredOnce

KEPT_FOR = timedelta(days=1)


def once(*, token: AccessToken, key: str, asked: bytes, do: Callable[[], bytes]) -> bytes:
    """What `do` answers, or what it answered when the token first sent this key with these bytes.

    Refuses the key of another request (`api.key-of-another`).
    """
    digest, now = sha256(asked).hexdigest(), datetime.fromtimestamp(clock.of_machine(), UTC)
    answered = _answered(token, key, digest, now)
    if answered is not None:
        return answered
    try:
        with storage.durable():
            AnsweredOnce.objects.filter(at__lte=now - KEPT_FOR).delete()
            row = AnsweredOnce.objects.create(token=token, key=key, digest=digest, answer=b"", at=now)
            said = do()
            row.answer = said
            row.save(update_fields=["answer"])
            return said
    except IntegrityError:
        answered = _answered(token, key, digest, now)  # somebody who asked at the same time came first
        if answered is None:
            raise
        return answered


def _answered(token: AccessToken, key: str, digest: str, now: datetime) -> bytes | None:
    found = AnsweredOnce.objects.filter(token=token, key=key, at__gt=now - KEPT_FOR).first()
    if found is None:
        return None
    if found.digest != digest:
        raise Refusal("api.key-of-another", key=key)
    return bytes(found.answer)
