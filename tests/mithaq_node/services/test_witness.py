"""A witness by itself: what it cosigns, what it remembers, what it keeps."""

import hashlib
import io
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.record import checkpoint, cosign, merkle, note, policy, witness
from mithaq.record.checkpoint import Checkpoint
from mithaq.signing import PrivateKey
from mithaq_node.peer.witness import WitnessDoor
from mithaq_node.services import witness as services
from mithaq_node.services.witness import Settings, Witness
from tests.mithaq.record import vectors

NOW = Moment(1_904_000_000)
NAME = "witness.example/heads"
ORIGIN = "na.example/x/all/1"
KEY = PrivateKey.from_seed(b"\x07" * 32)
LOG = note.Verifier(ORIGIN, note.ED25519, KEY.public)
TREE = merkle.Tree(merkle.leaf_hash(b"entry %d" % index) for index in range(9))
DIGEST = hashlib.sha256(ORIGIN.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A witness that knows one log."""
    services.found(Settings(tmp_path / "witness", NAME))
    services.trust(tmp_path / "witness", policy.compile(LOG, []))
    return tmp_path / "witness"


@pytest.fixture
def opened(folder: Path) -> Witness:
    return services.open(folder)


def ask(old: int, size: int, tree: merkle.Tree = TREE, key: PrivateKey = KEY) -> bytes:
    head = Checkpoint(ORIGIN, size, tree.root(size))
    proof = merkle.consistency_proof(old, size, tree.subtree)
    return witness.Request(old, proof, checkpoint.sign(head, key)).encode()


def verifier(opened: Witness) -> note.Verifier:
    return note.Verifier(NAME, note.COSIGNATURE, opened.key.public)


def test_a_head_that_grows_is_cosigned_and_given_back_under_both_signatures(opened: Witness) -> None:
    assert opened.latest(DIGEST).status == 404
    for old, size in ((0, 4), (4, 9)):
        reply = opened.add_checkpoint(ask(old, size), NOW)
        assert reply.status == 200
        text = Checkpoint(ORIGIN, size, TREE.root(size)).text()
        assert cosign.verify_cosignature(text, note.parse_line(reply.body), verifier(opened)) == NOW.seconds
    kept = opened.latest(DIGEST)
    head, found = checkpoint.open(kept.body, [LOG, verifier(opened)])
    assert (head.size, set(found.names)) == (9, {ORIGIN, NAME})


def test_after_a_restart_it_knows_what_it_has_cosigned(folder: Path) -> None:
    services.open(folder).add_checkpoint(ask(0, 9), NOW)
    reply = services.open(folder).add_checkpoint(ask(0, 4), NOW)
    assert (reply.status, reply.body, reply.type) == (409, b"9\n", "text/x.tlog.size")


def test_another_history_is_refused_and_kept_once_beside_the_head_it_contradicts(folder: Path, opened: Witness) -> None:
    opened.add_checkpoint(ask(0, 4), NOW)
    other = merkle.Tree(merkle.leaf_hash(b"other %d" % index) for index in range(9))
    for _ in range(2):
        assert opened.add_checkpoint(ask(4, 9, other), NOW).status == 422
    (kept,) = services.evidence(folder)
    assert kept.read_bytes() == ask(4, 9, other) + b"\n" + opened.latest(DIGEST).body
    assert opened.add_checkpoint(ask(4, 9), NOW).status == 200


def test_a_stranger_and_a_log_it_does_not_know_get_nothing(opened: Witness) -> None:
    assert opened.add_checkpoint(ask(0, 4, key=PrivateKey.from_seed(b"\x08" * 32)), NOW).status == 403
    unknown = Witness(opened.folder, NAME, opened.key, {})
    assert unknown.add_checkpoint(ask(0, 4), NOW).status == 404
    assert opened.add_checkpoint(b"nonsense", NOW).status == 400
    assert not services.evidence(opened.folder)


def test_two_requests_at_one_moment_never_make_it_go_back(opened: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    judge, entered = witness.judge, list[bool]()

    def slow(*arguments: object) -> object:
        judged = judge(*arguments)  # type: ignore[arg-type]  # each case gives its own
        if not entered:
            entered.append(True)
            assert opened.add_checkpoint(ask(0, 9), NOW).status == 200  # meanwhile, another one
        return judged

    monkeypatch.setattr("mithaq_node.services.witness.witness.judge", slow)
    assert opened.add_checkpoint(ask(0, 4), NOW).status == 409
    assert checkpoint.parse(note.text_of(opened.latest(DIGEST).body)).size == 9


def test_a_clock_that_goes_back_does_not_take_the_cosignatures_along(opened: Witness) -> None:
    opened.add_checkpoint(ask(0, 4), NOW)
    later = opened.add_checkpoint(ask(4, 9), Moment(NOW.seconds - 1_000))
    assert cosign.moment(note.parse_line(later.body)) == NOW.seconds


def test_it_trusts_a_log_once_and_a_running_one_knows_the_new_log_at_once(folder: Path) -> None:
    door = WitnessDoor(lambda: services.open(folder), lambda: NOW)
    key = PrivateKey.from_seed(b"\x09" * 32)
    other = note.Verifier("nb.example/x/all/1", note.ED25519, key.public)
    body = witness.Request(
        0, (), checkpoint.sign(Checkpoint("nb.example/x/all/1", 1, merkle.leaf_hash(b"a")), key)
    ).encode()
    assert _call(door, "POST", "/add-checkpoint", body) == "404 Not Found"
    assert services.trust(folder, policy.compile(other, [])) == (other,)
    assert services.trust(folder, policy.compile(other, [])) == ()
    assert _call(door, "POST", "/add-checkpoint", body) == "200 OK"


@pytest.mark.parametrize(
    ("method", "path", "length", "status"),
    [
        ("GET", "/add-checkpoint", "0", "405 Method Not Allowed"),
        ("POST", "/add-checkpoint", "", "400 Bad Request"),
        ("POST", "/add-checkpoint", "99999999", "413 Content Too Large"),
        ("POST", "/deliver", "0", "404 Not Found"),
        ("GET", f"/{DIGEST}/checkpoint", "0", "404 Not Found"),
        ("POST", f"/{DIGEST}/checkpoint", "0", "405 Method Not Allowed"),
        ("GET", f"/{'0' * 64}/checkpoint", "0", "404 Not Found"),
    ],
)
def test_the_door_answers_nothing_but_its_two_calls(
    folder: Path, method: str, path: str, length: str, status: str
) -> None:
    door = WitnessDoor(lambda: services.open(folder), lambda: NOW)
    assert _call(door, method, path, b"", length) == status


def test_it_refuses_a_folder_in_use_and_one_that_is_no_witness(folder: Path, tmp_path: Path) -> None:
    for attempt in (lambda: services.found(Settings(folder, NAME)), lambda: services.read(tmp_path)):
        with pytest.raises(Refusal):
            attempt()


def _call(door: WitnessDoor, method: str, path: str, body: bytes, length: str | None = None) -> str:
    told: list[str] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO(body)}
    environ["CONTENT_LENGTH"] = str(len(body)) if length is None else length
    list(door(environ, lambda status, _headers: told.append(status)))
    return told[0]


@vectors.needed
def test_it_answers_what_was_sent_to_litewitness_as_that_one_did(tmp_path: Path) -> None:
    """The requests that another witness publishes, in their order; an unknown log is 404, as the specification says."""
    published = vectors.read("notes-and-witness.json")["litewitness"]
    key = note.Verifier(published["log_origin"], note.ED25519, bytes.fromhex(published["log_public_key_hex"]))
    services.found(Settings(tmp_path / "witness", NAME))
    services.trust(tmp_path / "witness", policy.compile(key, []))
    for request in published["requests"]:
        reply = services.open(tmp_path / "witness").add_checkpoint(request["request_body"].encode(), NOW)
        assert reply.status == (404 if request["text"] == "unknown log" else request["status"])
        if reply.status == 409:
            assert reply.body.decode() == request["text"]
