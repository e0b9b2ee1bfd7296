"""`mithaq doctor` as an operator types it: each thing that can be wrong is made wrong and found by its id."""

import datetime
import json
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from cryptography import x509
from django.conf import settings
from django.db import connection
from django.test import override_settings
from typer.testing import CliRunner

from mithaq.moments import DAY, Moment
from mithaq_cli.main import app
from mithaq_cli.serve import held
from mithaq_node.keystore import custody, tls
from mithaq_node.services import clock
from mithaq_node.services.pairing import Card
from mithaq_node.wiring import examination
from mithaq_node.wiring.findings import FINDINGS
from tests.mithaq_node import meadow
from tests.mithaq_node.pair import Pair

HERE = Path(__file__).parents[1]


@pytest.fixture
def data(tmp_path: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a node that rests, with Django on it; nothing is wrong with its machine."""
    monkeypatch.setattr(examination, "is_kept_right", lambda: True)
    monkeypatch.setattr(clock, "now", lambda: Moment(meadow.NOW.seconds + 600))
    with django_db_blocker.unblock():
        pair = Pair(tmp_path)
        pair.settle()
        seat = pair.ml.seat
        (seat.folder / "last-backup").write_text(f"{clock.now()}\n")
        with meadow.standing_on(meadow.settings_of(seat.folder, seat.party, seat.database)):
            yield seat.folder
        pair.close()


def doctor(data: Path) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(app, ["doctor", "--data", str(data), "--json"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.stdout, done.stderr
    return done.exit_code, json.loads(done.stdout)


def ids(data: Path) -> set[str]:
    code, found = doctor(data)
    for each in found["findings"]:
        assert each["remedy"] == FINDINGS[each["id"]].remedy
        assert each["grave"] == each["id"].startswith("mithaq.E")
    assert code == (2 if any(each["grave"] for each in found["findings"]) else 0)
    return {each["id"] for each in found["findings"]}


def with_line(data: Path, name: str, value: Any) -> None:
    file = data / "node.toml"
    lines = [line for line in file.read_text().splitlines() if not line.startswith(f"{name} =")]
    file.write_text("\n".join([f"{name} = {json.dumps(value)}", *lines]) + "\n")


def test_a_sound_node_without_an_alarm_is_told_what_is_not_grave(data: Path) -> None:
    code, found = doctor(data)
    assert code == 0, found
    assert "mithaq.W005" in {each["id"] for each in found["findings"]}
    assert found["alarm"] is False


def test_the_alarm_is_sounded_for_real(data: Path, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    with_line(data, "alarm", [sys.executable, "-c", f"open({str(heard)!r}, 'w').close()"])
    _, found = doctor(data)
    assert found["alarm"] is True
    assert heard.exists()
    assert not {"mithaq.W005", "mithaq.E004"} & {each["id"] for each in found["findings"]}


def test_e004_an_alarm_that_does_not_work(data: Path) -> None:
    with_line(data, "alarm", ["/nowhere/siren"])
    _, found = doctor(data)
    (grave,) = (each for each in found["findings"] if each["id"] == "mithaq.E004")
    assert "/nowhere/siren" in grave["message"]


def test_e005_a_database_that_does_not_answer_hides_nothing_else(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "_database_is_silent", lambda: "Connection refused")
    found = ids(data)
    assert {"mithaq.E005", "mithaq.W005"} <= found


def test_e006_and_w010_tables_of_another_version(data: Path) -> None:
    assert not {"mithaq.E006", "mithaq.W010"} & ids(data)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(name) FROM django_migrations WHERE app = 'store'")
        cursor.execute("UPDATE django_migrations SET name = '9999_later' WHERE name = %s", cursor.fetchone())
    assert {"mithaq.E006", "mithaq.W010"} <= ids(data)


def test_e007_a_fence_that_is_not_mounted(data: Path) -> None:
    assert "mithaq.E007" not in ids(data)
    for file in data.with_name("fence-ML").iterdir():
        if file.is_file():
            file.unlink()
    assert "mithaq.E007" in ids(data)


def test_e008_a_clock_that_stands_before_the_last_entry(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "mithaq.E008" not in ids(data)
    monkeypatch.setattr(clock, "now", lambda: Moment(meadow.NOW.seconds - 400 * DAY))
    assert "mithaq.E008" in ids(data)


def test_e009_a_secret_that_opens_no_key(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "mithaq.E009" not in ids(data)
    monkeypatch.setenv("MITHAQ_SECRET", "another one")
    assert "mithaq.E009" in ids(data)


@pytest.mark.parametrize(("days_left", "id"), [(-1, "mithaq.E010"), (30, "mithaq.W009"), (90, None)])
def test_e010_and_w009_certificates_of_both_sides(data: Path, days_left: int, id: str | None) -> None:
    made = Moment(clock.now().seconds - (10 * 365 - days_left) * DAY)
    _, certificate = tls.self_signed("rl.mithaq.example", ("localhost",), made, "secret")
    (card,) = (data / "peers").glob("*.json")
    kept = msgspec.json.decode(card.read_bytes(), type=Card)
    card.write_bytes(msgspec.structs.replace(kept, certificate=certificate.decode()).encode())
    found = ids(data)
    assert {"mithaq.E010", "mithaq.W009"} & found == ({id} if id else set())
    (data / "keys" / custody.TLS_CERTIFICATE).write_bytes(certificate)
    messages = [each["message"] for each in doctor(data)[1]["findings"] if each["id"] == id]
    ends = x509.load_pem_x509_certificate(certificate).not_valid_after_utc
    assert isinstance(ends, datetime.datetime)
    assert len(messages) == (2 if id else 0)
    assert all(f"{ends:%Y-%m-%d}" in each for each in messages)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"certificate": "none"}', b"none"])
def test_e018_a_certificate_and_a_card_that_are_damaged_and_hide_nothing_else(data: Path, content: bytes) -> None:
    assert "mithaq.E018" not in ids(data)
    own, (card,) = data / "keys" / custody.TLS_CERTIFICATE, (data / "peers").glob("*.json")
    whole = card.read_bytes()
    card.write_bytes(content)
    assert {"mithaq.E018", "mithaq.W005"} <= ids(data)
    card.write_bytes(msgspec.json.encode({**msgspec.json.decode(whole), "certificate": content.hex()}))
    own.write_bytes(content)
    told = [each["message"] for each in doctor(data)[1]["findings"] if each["id"] == "mithaq.E018"]
    assert [each.partition(":")[0] for each in told] == [str(own), str(card)]


@contextmanager
def taken(port: int) -> Iterator[None]:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        yield


def test_e011_a_port_that_another_program_has(data: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with_line(data, "port", port)
    assert "mithaq.E011" not in ids(data)
    with taken(port):
        assert "mithaq.E011" in ids(data)


def test_e012_a_node_that_is_held_and_answers_nobody(data: Path) -> None:
    with held(data):
        found = ids(data)
    assert "mithaq.E012" in found
    assert "mithaq.E011" not in found


def test_e013_a_folder_that_cannot_be_written(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fence = data.with_name("fence-ML")
    asked = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != fence and asked(path, mode))  # root may all
    assert "mithaq.E013" in ids(data)


def test_e014_the_record_of_another_party(data: Path) -> None:
    assert "mithaq.E014" not in ids(data)
    with override_settings(NODE=replace(settings.NODE, party="RL")):
        assert "mithaq.E014" in ids(data)


@pytest.mark.parametrize(
    ("total", "free", "id"),
    [
        (2**40, 100 * 1024**2, "mithaq.E015"),
        (2**40, 1024**3 - 1, "mithaq.W012"),
        (2**40, 1024**3, None),
        (2 * 2**30, 150 * 1024**2, "mithaq.E015"),  # more than a twentieth of a small disk
        (2 * 2**30, 250 * 1024**2, None),
    ],
)
def test_e015_and_w012_disks_that_fill(
    data: Path, monkeypatch: pytest.MonkeyPatch, total: int, free: int, id: str | None
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=total, free=free))
    assert {"mithaq.E015", "mithaq.W012"} & ids(data) == ({id} if id else set())


def test_e016_a_link_that_was_stopped(data: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE log SET frozen = 'delivery.fork' WHERE NOT own")
    assert "mithaq.E016" in ids(data)


def test_w008_a_clock_that_nothing_keeps(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "mithaq.W008" not in ids(data)
    monkeypatch.setattr(examination, "is_kept_right", lambda: False)
    assert "mithaq.W008" in ids(data)


def test_the_kernel_is_asked_who_keeps_the_clock() -> None:
    assert examination.is_kept_right() in (True, False)


def test_w011_a_backup_that_did_not_come(data: Path) -> None:
    assert "mithaq.W011" not in ids(data)
    (data / "last-backup").write_text(f"{Moment(clock.now().seconds - 2 * DAY)}\n")
    assert "mithaq.W011" in ids(data)
    (data / "last-backup").unlink()
    assert "mithaq.W011" in ids(data)
    done = CliRunner().invoke(app, ["backup", "--data", str(data), "--out", str(data.with_name("backup"))])
    assert done.exit_code == 0
    assert "mithaq.W011" not in ids(data)


def test_w013_a_folder_that_others_can_enter(data: Path) -> None:
    data.chmod(0o700)
    assert "mithaq.W013" not in ids(data)
    data.chmod(0o755)
    assert "mithaq.W013" in ids(data)


def test_w014_another_user_than_the_nodes_own(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "mithaq.W014" not in ids(data)
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    assert "mithaq.W014" in ids(data)


def test_w015_a_counterpart_that_is_not_heard(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: Moment(meadow.NOW.seconds + 10 * DAY))
    assert "mithaq.W015" in ids(data)


def test_w016_a_node_that_is_not_paired(data: Path) -> None:
    assert "mithaq.W016" not in ids(data)
    file = data / "node.toml"
    file.write_text(file.read_text().partition("[[peers]]")[0])
    assert "mithaq.W016" in ids(data)


def test_every_finding_has_a_remedy_and_a_test() -> None:
    tests = "".join(
        file.read_text("utf-8")
        for file in (
            Path(__file__),
            *HERE.glob("mithaq_node/wiring/test_checks.py"),
            *HERE.glob("mithaq_node/services/*.py"),
        )
    )
    assert [id for id, known in FINDINGS.items() if not known.means or not known.remedy.endswith(".")] == []
    assert [id for id in FINDINGS if f'"{id}"' not in tests] == []
    sources = "".join(
        file.read_text("utf-8") for file in (HERE.parent / "src").rglob("*.py") if file.name != "findings.py"
    )
    assert set(re.findall(r'"(mithaq\.[EW]\d{3})"', sources)) == set(FINDINGS)
