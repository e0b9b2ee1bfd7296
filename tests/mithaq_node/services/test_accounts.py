"""Officers: who may be one, and whose password opens which key."""

import pytest

from mithaq.errors import Refusal
from mithaq_node.services import accounts, sequencing
from mithaq_node.settings.node import Node
from tests.mithaq_node.meadow import SECRET


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"role": "general"}, r"officer\.unknown-role"),
        ({"authority": "navy"}, r"officer\.unknown-authority"),
        ({"name": " desk"}, r"officer\.bad-name"),
        ({"name": ""}, r"officer\.bad-name"),
        ({"name": "desk\n"}, r"officer\.bad-name"),
        ({"secret": "short"}, r"officer\.weak-secret"),
    ],
)
def test_it_refuses_an_odd_officer(node: Node, change: dict[str, str], code: str) -> None:
    with pytest.raises(Refusal, match=code):
        accounts.create_officer(**{"name": "desk", "role": "duty", "secret": SECRET, **change})


def test_key_names_are_pseudonyms_and_names_are_taken_once(node: Node) -> None:
    made = accounts.create_officer(name="desk", role="duty", secret=SECRET, authority="watch")
    assert made.key_name == "ml.mithaq.example/officer/1"
    with pytest.raises(Refusal, match=r"officer\.name-taken"):
        accounts.create_officer(name="desk", role="duty", secret=SECRET)


def test_a_changed_password_opens_the_same_key_and_the_old_one_none(node: Node) -> None:
    made = accounts.create_officer(name="desk", role="duty", secret=SECRET)
    accounts.change_secret(officer=made, secret=SECRET, new_secret="another long password")
    log = sequencing.own_origin()
    with accounts.open_key(officer=made, secret="another long password", log=log) as key:
        assert key.public == bytes(made.public_key)
    with (
        pytest.raises(Refusal, match=r"officer\.wrong-secret"),
        accounts.open_key(officer=made, secret=SECRET, log=log),
    ):
        raise AssertionError("the old password opened it")
    assert made.check_password("another long password")
