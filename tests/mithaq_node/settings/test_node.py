"""A node's settings: what is read, and that nothing odd is."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq_node.settings import node as settings
from mithaq_node.settings.node import Node, Peer, parse, read, write
from mithaq_node.settings.values import database, django_settings

WHOLE: dict[str, Any] = {"party": "ML", "fence": "/elsewhere/fence"}


def made(folder: Path, **values: Any) -> Node:
    return parse(folder, {**WHOLE, **values})


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    node = made(
        tmp_path,
        demo=True,
        demo_clock="clock",
        alarm=["/bin/siren", "--loud"],
        idle_minutes=30,
        second_factor=["duty", "operator"],
        directory={
            "url": "ldaps://d.example",
            "base": "dc=x",
            "ca": "ca.pem",
            "bind": "cn=m",
            "bind_password_file": "p",
        },
        port=81,
        database="postgresql://desk@/meadow?host=/run",
    )
    paired = settings.with_peer(node, Peer("RL", "https://river.example:8402"))
    (tmp_path / settings.FILE).write_text(write(paired))
    assert read(tmp_path, {}) == paired


@given(fence=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\0"), min_size=1, max_size=30))
def test_any_path_survives_the_file(fence: str) -> None:
    import tomllib

    node = made(Path("/data"), fence=fence)
    assert parse(Path("/data"), tomllib.loads(write(node))) == node


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    (tmp_path / settings.FILE).write_text(write(made(tmp_path)))
    assert read(tmp_path, {"MITHAQ_PORT": "9000", "MITHAQ_HOST": "::1"}).port == 9000


@pytest.mark.parametrize(
    "odd",
    [
        {"party": "meadow"},
        {"party": 7},
        {"port": 0},
        {"port": 8402},
        {"port": 8402, "peer_host": "127.0.0.1"},
        {"port": 65_536},
        {"port": True},
        {"port": "80a"},
        {"database": "mysql://desk@/meadow"},
        {"idle_minutes": 4},
        {"idle_minutes": 721},
        {"idle_minutes": "30"},
        {"second_factor": "duty"},
        {"second_factor": ["general"]},
        {"second_factor": ["duty", "duty"]},
        {"second_factor": [7]},
        {"directory": "ldaps://d.example"},
        {"directory": {"base": "dc=x"}},
        {"directory": {"url": "https://d.example", "base": "dc=x"}},
        {"directory": {"url": "ldaps://d.example/dc=x", "base": "dc=x"}},
        {"directory": {"url": "ldaps://d.example"}},
        {"directory": {"url": "ldaps://d.example", "base": "dc=x", "filter": "(a=b)"}},
        {"directory": {"url": "ldaps://d.example", "base": "dc=x", "attribute": "uid)(cn=*"}},
        {"directory": {"url": "ldaps://d.example", "base": "dc=x", "bind": "cn=m"}},
        {"directory": {"url": "ldaps://d.example", "base": "dc=x", "bind_password_file": "p"}},
        {"database": ""},
        {"language": "ku"},
        {"https": "yes"},
        {"hosts": []},
        {"alarm": []},
        {"alarm": "siren"},
        {"hosts": "localhost"},
        {"peers": [{"party": "RL"}]},
        {"peers": [{"party": "RL", "url": "http://river.example"}]},
        {"peers": [{"party": "RL", "url": "https://river.example/path"}]},
        {"fence": 3},
        {"demo_clock": "clock"},
        {"prot": 8400},
    ],
)
def test_it_refuses_an_odd_value_by_name(tmp_path: Path, odd: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=r"settings\.(bad-value|unknown|demo-only)"):
        made(tmp_path, **odd)


def test_pages_and_door_may_have_one_port_on_two_addresses(tmp_path: Path) -> None:
    assert made(tmp_path, host="127.0.0.1", peer_host="192.0.2.1", port=8402, peer_port=8402).port == 8402


def test_it_refuses_a_folder_without_a_node_and_a_broken_file(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"settings\.no-node"):
        read(tmp_path, {})
    (tmp_path / settings.FILE).write_text("party = [")
    with pytest.raises(Refusal, match=r"settings\.unreadable"):
        read(tmp_path, {})


def test_cookies_carry_the_party_so_that_both_desks_stay_signed_in_in_one_browser(tmp_path: Path) -> None:
    both = [django_settings(made(tmp_path, party=party), "key") for party in ("ML", "RL")]
    for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME"):
        assert both[0][name] != both[1][name]
    assert both[0]["SESSION_COOKIE_SECURE"] is True


def test_a_password_is_kept_by_a_slow_hash(tmp_path: Path) -> None:
    assert django_settings(made(tmp_path), "k")["PASSWORD_HASHERS"] == [
        "django.contrib.auth.hashers.ScryptPasswordHasher"
    ]


def test_a_postgresql_address_becomes_what_django_asks_for(tmp_path: Path) -> None:
    found = database(made(tmp_path, database="postgresql://desk:word@db.example:5433/meadow?sslmode=verify-full"))
    assert (found["NAME"], found["USER"], found["HOST"], found["PORT"]) == ("meadow", "desk", "db.example", "5433")
    assert found["OPTIONS"] == {"sslmode": "verify-full"}


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "Postgres"])
def test_an_address_of_a_database_is_taken_by_either_name_and_kept_by_one(tmp_path: Path, scheme: str) -> None:
    node = made(tmp_path, database=f"{scheme}://desk@db.example/meadow", fence=f"{scheme}://desk@other.example/fence")
    assert (node.database, node.fence) == (
        "postgresql://desk@db.example/meadow", "postgresql://desk@other.example/fence",
    )  # fmt: skip
    (tmp_path / settings.FILE).write_text(write(node))
    assert f"{scheme}://" not in (tmp_path / settings.FILE).read_text().replace("postgresql://", "")
    assert read(tmp_path, {}) == node
    for other in ("mysql://db.example/meadow", "postgres:db", "postgres"):
        with pytest.raises(Refusal, match=r"settings\.bad-value"):
            made(tmp_path, database=other)


def test_the_keys_of_parts_lie_with_the_fence_unless_said_otherwise() -> None:
    assert made(Path("/data"), fence="/elsewhere/fence").body_keys == Path("/elsewhere/fence/body-keys")
    assert made(Path("/data"), fence="postgresql://other/fence").body_keys == Path("/data/body-keys")
    assert made(Path("/data"), body_keys="../keys").body_keys == Path("/keys")


def test_the_roles_of_the_settings_are_those_of_the_officers() -> None:
    from mithaq_node.store.models import Role

    assert set(Role.values) == settings.ROLES
