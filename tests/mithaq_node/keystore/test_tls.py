"""The node's certificate opens a door between two that pinned each other, and no other."""

import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq_node.keystore import tls
from mithaq_node.services import clock

PASSWORD = "what opens the key"


def written(folder: Path, name: str, now: Moment) -> tuple[Path, Path]:
    key, certificate = tls.self_signed("ml.mithaq.example", ("localhost", "127.0.0.1"), now, PASSWORD)
    paths = folder / f"{name}.key", folder / f"{name}.crt"
    paths[0].write_bytes(key)
    paths[1].write_bytes(certificate)
    return paths


def context(purpose: int, own: tuple[Path, Path], pinned: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(purpose)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.load_verify_locations(pinned)
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_cert_chain(own[1], own[0], PASSWORD)
    return made


def speak(server: ssl.SSLContext, client: ssl.SSLContext) -> bytes:
    """What the client hears; an ssl.SSLError of either side where the door stays shut."""
    ours, theirs = socket.socketpair()
    failed: list[ssl.SSLError] = []

    def serve() -> None:
        try:
            with server.wrap_socket(ours, server_side=True) as opened:
                opened.sendall(b"in")
        except ssl.SSLError as error:
            failed.append(error)
            ours.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(theirs, server_hostname="localhost") as opened:
            heard = opened.recv(2)
    finally:
        theirs.close()
        thread.join()
    if failed:
        raise failed[0]
    return heard


def test_two_that_pinned_each_other_speak_and_a_stranger_does_not(tmp_path: Path) -> None:
    now = clock.at(None)
    ours, theirs, stranger = (written(tmp_path, name, now) for name in ("ours", "theirs", "stranger"))
    server = context(ssl.PROTOCOL_TLS_SERVER, ours, theirs[1])
    assert speak(server, context(ssl.PROTOCOL_TLS_CLIENT, theirs, ours[1])) == b"in"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        speak(server, context(ssl.PROTOCOL_TLS_CLIENT, stranger, ours[1]))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        speak(server, context(ssl.PROTOCOL_TLS_CLIENT, theirs, stranger[1]))


def test_the_certificate_calls_itself_no_authority() -> None:
    _, certificate = tls.self_signed("ml.mithaq.example", ("localhost",), Moment(1_900_000_000), PASSWORD)
    constraints = x509.load_pem_x509_certificate(certificate).extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert not constraints.value.ca


def test_the_pin_is_of_the_key_and_not_of_the_certificate() -> None:
    _, first = tls.self_signed("ml.mithaq.example", ("localhost",), Moment(1_900_000_000), PASSWORD)
    _, second = tls.self_signed("ml.mithaq.example", ("localhost",), Moment(1_900_000_000), PASSWORD)
    assert tls.pin(first) == tls.pin(first)
    assert tls.pin(first) != tls.pin(second)


def test_the_opened_key_lies_in_memory_is_private_and_goes_again(tmp_path: Path) -> None:
    written(tmp_path, "tls", Moment(1_900_000_000))
    file = tls.opened(tmp_path, "tls.key", PASSWORD)
    assert file.parent.parent == Path("/dev/shm") or not Path("/dev/shm").is_dir()
    assert (file.stat().st_mode | file.parent.stat().st_mode) & 0o077 == 0
    assert b"ENCRYPTED" in (tmp_path / "tls.key").read_bytes()
    assert b"BEGIN PRIVATE KEY" in file.read_bytes()
    assert tls.opened(tmp_path, "tls.key", PASSWORD) == file
    tls.close(file)
    assert not file.parent.exists()


def test_it_refuses_to_open_the_key_into_a_folder_of_somebody_else(tmp_path: Path) -> None:
    written(tmp_path, "tls", Moment(1_900_000_000))
    file = tls.opened(tmp_path, "tls.key", PASSWORD)
    file.parent.chmod(0o755)
    with pytest.raises(Refusal, match=r"keystore\.readable-by-others"):
        tls.opened(tmp_path, "tls.key", PASSWORD)
    tls.close(file)
