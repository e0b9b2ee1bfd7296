"""A witness by itself (C2SP tlog-witness): it cosigns heads that grow, and holds nothing but the last one of each log.

An observer of an instrument runs this, or somebody neutral; it is no party, has no database and sees no leaf. Its
folder:

    witness.toml     its name, and where it listens
    keys/            its cosigning key, as a node keeps its own (`keystore.custody`)
    logs             the logs it knows: the `log` lines of a C2SP tlog-policy
    heads/           the last head of each log that it has cosigned, under both signatures
    evidence/        requests that showed a head which contradicts the one held, with that one

A head is stored by compare-and-swap and forced to the device before the cosignature leaves, so that two requests at one
moment, or a lost answer, never make the witness go back.
"""

import hashlib
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.record import checkpoint, cosign, note, policy, witness
from mithaq.record.witness import SIZE_TYPE, Rejected
from mithaq.signing import PrivateKey
from mithaq_node.keystore import custody
from mithaq_node.settings.node import quoted
from mithaq_node.store.fence import Fence, Moved

FILE, LOGS = "witness.toml", "logs"
TEXT = "text/plain; charset=utf-8"
_MOST_EVIDENCE = 1_000
_MOST_ATTEMPTS = 8


@dataclass(frozen=True)
class Settings:
    """Where a witness listens, and the name of its key."""

    folder: Path
    name: str
    host: str = "127.0.0.1"
    port: int = 8404

    @property
    def keys(self) -> Path:
        return self.folder / "keys"


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP: status, body and what the body is."""

    status: int
    body: bytes = b""
    type: str = TEXT


@dataclass(frozen=True)
class Witness:
    """A witness at work. `logs` gives the keys of each log that it knows."""

    folder: Path
    name: str
    key: PrivateKey
    logs: Mapping[str, Sequence[note.Verifier]]
    heads: Fence = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "heads", Fence(self.folder / "heads"))

    def add_checkpoint(self, body: bytes, now: Moment) -> Reply:
        """The answer to `POST add-checkpoint`; an accepted head is durable when this returns."""
        for _ in range(_MOST_ATTEMPTS):
            held = {origin: head for origin in self.logs if (head := self.heads.read(origin)) is not None}
            judged = witness.judge(body, self.logs, held)
            if isinstance(judged, Rejected):
                return self._refused(judged, body)
            signed = note.split(witness.parse(body).signed)[1]
            opened = note.verify(judged.text, signed, self.logs[judged.head.origin])
            line = cosign.cosign(judged.text, self.name, self.key, max(now.seconds, self._last(judged.head.origin)))
            try:
                kept = note.join(judged.text, [*opened.verified, line])
                self.heads.compare_and_swap(held.get(judged.head.origin), judged.head, kept)
            except Moved:  # another request was quicker: judged again against what it left
                continue
            return Reply(200, line.line())
        return Reply(503)

    def latest(self, digest: str) -> Reply:
        """The answer to `GET <hex SHA-256 of the origin>/checkpoint`: the last head, under both signatures."""
        for origin in self.logs:
            if hashlib.sha256(origin.encode()).hexdigest() == digest:
                kept = self.heads.read_signed(origin)
                return Reply(404) if kept is None else Reply(200, kept)
        return Reply(404)

    def _last(self, origin: str) -> int:
        """The moment of the last cosignature of a log: a clock that went back does not take it along."""
        kept = self.heads.read_signed(origin)
        lines = note.split(kept)[1] if kept else ()
        return max((cosign.moment(each) for each in lines if each.name == self.name), default=1)

    def _refused(self, judged: Rejected, body: bytes) -> Reply:
        if judged.conflict is not None:
            return Reply(409, b"%d\n" % judged.conflict, SIZE_TYPE)
        if judged.status == 422 and judged.evidence is not None:
            self._keep(body, checkpoint.parse(note.text_of(judged.evidence)).origin)
        return Reply(judged.status, f"{judged.refusal.code}\n".encode())

    def _keep(self, body: bytes, origin: str) -> None:
        """Keep a request that the log signed and that contradicts the head held, beside that head; each once."""
        folder = self.folder / "evidence"
        folder.mkdir(exist_ok=True)
        path = folder / hashlib.sha256(body).hexdigest()[:32]
        if path.exists() or len(os.listdir(folder)) >= _MOST_EVIDENCE:  # noqa: PTH208
            return
        with path.with_suffix(".new").open("wb") as file:
            file.write(body + b"\n" + (self.heads.read_signed(origin) or b""))
            file.flush()
            os.fsync(file.fileno())
        path.with_suffix(".new").replace(path)


def found(settings: Settings) -> note.Verifier:
    """Make a witness's folder and its key; its verifier key. Refuses a folder that holds anything."""
    note.check_name(settings.name)
    try:
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(settings.folder.iterdir()):
            raise Refusal("node.folder-not-empty", folder=str(settings.folder))
    except OSError as error:
        raise Refusal("node.folder-unusable", folder=str(settings.folder), reason=str(error)) from error
    custody.begin(settings.keys)
    key = custody.write_seed(settings.keys, custody.COSIGNER, os.urandom(32))
    (settings.folder / "heads").mkdir()
    (settings.folder / LOGS).write_bytes(b"")
    lines = (f"name = {quoted(settings.name)}", f"host = {quoted(settings.host)}", f"port = {settings.port}")
    (settings.folder / FILE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return note.Verifier(settings.name, note.COSIGNATURE, key.public)


def read(folder: Path) -> Settings:
    """The settings of the witness in `folder`."""
    try:
        values = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
        return Settings(folder.resolve(), str(values["name"]), str(values["host"]), int(values["port"]))
    except FileNotFoundError as error:
        raise Refusal("settings.no-node", folder=str(folder)) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, ValueError, TypeError) as error:
        raise Refusal("settings.unreadable", file=str(folder / FILE), reason=str(error)) from error


def open(folder: Path) -> Witness:
    """The witness in `folder`."""
    settings = read(folder)
    custody.check_private(settings.keys)
    key = custody.read_seed(settings.keys, custody.COSIGNER)
    return Witness(settings.folder, settings.name, key, trusted(folder))


def evidence(folder: Path) -> tuple[Path, ...]:
    """The requests that were kept because they contradict a head that was cosigned."""
    return tuple(sorted(path for path in (folder / "evidence").glob("*") if not path.suffix))


def trusted(folder: Path) -> Mapping[str, Sequence[note.Verifier]]:
    """The keys of the logs that the witness in `folder` knows, by origin."""
    logs: dict[str, list[note.Verifier]] = {}
    for key in policy.logs_in((folder / LOGS).read_bytes()):
        logs.setdefault(key.name, []).append(key)
    return logs


def trust(folder: Path, given: bytes) -> tuple[note.Verifier, ...]:
    """Know the logs in a policy as well; those that were not known before."""
    before = {key for keys in trusted(folder).values() for key in keys}
    fresh = tuple(dict.fromkeys(key for key in policy.logs_in(given) if key not in before))
    path = folder / LOGS
    beside = path.with_suffix(".new")
    beside.write_bytes(path.read_bytes() + b"".join(f"log {key.vkey()}\n".encode() for key in fresh))
    beside.replace(path)
    return fresh
