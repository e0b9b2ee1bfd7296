"""What monitoring asks of a node: it lives, it can serve, how far the other side lags; nothing of what was filed."""

from dataclasses import replace
from importlib.metadata import version
from ipaddress import ip_network
from typing import Any
from unittest import mock

from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client, override_settings
from prometheus_client.parser import text_string_to_metric_families

from mithaq_node.settings.node import Node
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import Pair, notice, release

HERE = (ip_network("127.0.0.1"), ip_network("10.20.0.0/16"))
WHOLE = {"database": True, "schema": True, "instrument": True, "keys": True}
Samples = dict[str, list[tuple[dict[str, str], float]]]


def scraped(**headers: Any) -> Samples:
    with override_settings(NODE=replace(settings.NODE, metrics=HERE)):
        answer = Client().get("/metrics", **headers)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {each.name: [(sample.labels, sample.value) for sample in each.samples] for each in families}


def _standby(node: Node) -> dict[str, bool]:
    return {"standby": True} if node.engine == "postgresql" else {}


def test_a_process_that_answers_lives_even_without_its_database(node: Node) -> None:
    with mock.patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


def test_a_node_with_everything_it_needs_is_ready(node: Node) -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "checks": WHOLE | _standby(node)}


def test_a_node_whose_database_went_away_says_so_and_is_not_ready(node: Node) -> None:
    with mock.patch.object(connection, "cursor", side_effect=OperationalError("gone: secret words")):
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()["checks"]["database"] is False
    assert b"secret" not in answer.content


def test_a_node_whose_keys_others_can_read_is_not_ready(node: Node) -> None:
    node.keys.chmod(0o755)
    answer = Client().get("/readyz")
    node.keys.chmod(0o700)
    assert answer.status_code == 503
    assert [name for name, holds in answer.json()["checks"].items() if not holds] == ["keys"]


def test_the_tables_of_an_older_program_are_not_ready(node: Node) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")
    assert Client().get("/readyz").json()["checks"] == WHOLE | {"schema": False} | _standby(node)


def test_the_measures_are_not_there_until_the_operator_names_who_may_read_them(node: Node) -> None:
    assert Client().get("/metrics").status_code == 404
    with override_settings(NODE=replace(node, metrics=HERE)):
        assert Client().get("/metrics").status_code == 200
        assert Client().get("/metrics", REMOTE_ADDR="10.20.3.4").status_code == 200
        assert Client().get("/metrics", REMOTE_ADDR="10.21.3.4").status_code == 404
        assert Client().get("/metrics", REMOTE_ADDR="").status_code == 404


def test_behind_a_proxy_an_address_that_anybody_could_write_opens_nothing(node: Node) -> None:
    with override_settings(NODE=replace(node, metrics=HERE, https=True)):
        proxied = {"HTTP_X_FORWARDED_FOR": "10.20.3.4, 192.0.2.7", "REMOTE_ADDR": "127.0.0.1"}
        assert Client().get("/metrics", **proxied).status_code == 404  # type: ignore[arg-type]  # headers
        proxied["HTTP_X_FORWARDED_FOR"] = "192.0.2.7, 10.20.3.4"
        assert Client().get("/metrics", **proxied).status_code == 200  # type: ignore[arg-type]  # headers


def test_the_measures_say_how_far_the_other_side_lags_and_what_lies_where(pair: Pair, standing: Standing) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    with standing(pair.ml):
        found = scraped()
    (labels, behind), *_ = found["mithaq_link_entries_behind"]
    assert (labels, behind) == ({"party": "RL", "audience": "all"}, 1.0)
    assert found["mithaq_link_stopped"] == [({"party": "RL", "audience": "all"}, 0.0)]
    held = {labels["log"]: size for labels, size in found["mithaq_log_entries"]}
    assert held == {pair.ml.seat.origin: pair.ml.own().size, pair.rl.seat.origin: pair.copy_of(pair.ml).size}
    assert {labels["place"] for labels, free in found["mithaq_disk_free_bytes"] if free > 0} >= {"data", "fence"}
    assert found["mithaq_database_bytes"][0][1] > 4096
    assert found["process_resident_memory_bytes"][0][1] > 0
    waited = found["mithaq_standby_wait_seconds"]
    assert waited == ([({}, 0.0)] if _engine_of(found) == "postgresql" else [])
    ((about, one),) = found["mithaq_info"]
    assert (about["party"], about["instrument"], one) == ("ML", pair.ml.seat.law.id, 1.0)


def _engine_of(found: Samples) -> str:
    ((about, _),) = found["mithaq_info"]
    return about["engine"]


def test_without_its_instrument_a_node_still_says_how_full_its_disks_are(node: Node) -> None:
    (node.instrument / "law.json").unlink()
    found = scraped()
    assert {labels["place"] for labels, _ in found["mithaq_disk_free_bytes"]} >= {"data"}
    assert "mithaq_info" not in found
    assert Client().get("/readyz").json()["checks"]["instrument"] is False


def test_the_measures_hold_nothing_of_what_was_filed(pair: Pair, standing: Standing) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    with standing(pair.ml):
        said = {value for samples in scraped().values() for labels, _ in samples for value in labels.values()}
    allowed = {"ML", "RL", "all", "data", "fence", "body_keys", "sqlite", "postgresql", version("mithaq")}
    assert said <= {*allowed, pair.ml.seat.origin, pair.rl.seat.origin, pair.ml.seat.law.id}
