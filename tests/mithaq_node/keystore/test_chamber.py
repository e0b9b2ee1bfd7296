"""Officers' keys are opened in a process of their own, which signs what they may sign and nothing else."""

import gc
import sys
from pathlib import Path

import pytest

from mithaq import signing
from mithaq.errors import Fault, Refusal
from mithaq.notices import drafting, handover
from mithaq.notices.envelope import InForce, KeySet, filing_text, key_set_text, text_of
from mithaq.notices.keys import key_of
from mithaq.notices.registering import check_held
from mithaq.signing import PrivateKey
from mithaq_node.keystore import chamber, wrapping
from tests.mithaq.notices.border import FIRE, Border, Side, private_key
from tests.mithaq.notices.test_handover import handing

SECRET = "a long enough password"


@pytest.fixture
def side() -> Side:
    return Border().pair[0]


@pytest.fixture
def made(side: Side) -> chamber.Made:
    return chamber.make(side.officer(1), SECRET)


def signed(side: Side, made: chamber.Made, text: bytes, log: str = "") -> bytes:
    with chamber.opened(side.officer(1), made.wrapped, SECRET, log or side.origin) as key:
        return key.sign(text)


def texts(side: Side) -> tuple[bytes, bytes]:
    """The filing of a notice by officer 1, and the release of one that officer 2 filed."""
    header, _ = side.draft("incident.initial", FIRE)
    own = drafting.sign_filing(header, side.border.now, side.officer(1), private_key("any"))
    others = drafting.sign_filing(header, side.border.now, side.officer(2), private_key("any"))
    return filing_text(own), text_of(others)


def test_a_made_key_proves_itself_and_signs(side: Side, made: chamber.Made) -> None:
    check_held(key_of(side.officer(1), "officer", made.public), made.possession)
    for text in texts(side):
        assert signing.verifies(made.public, text, signed(side, made, text))


def test_a_changed_secret_opens_the_same_key(side: Side, made: chamber.Made) -> None:
    fresh = chamber.rewrap(side.officer(1), made.wrapped, SECRET, "another")
    with chamber.opened(side.officer(1), fresh, "another", side.origin) as key:
        assert key.public == made.public


def test_it_refuses_a_wrong_secret_and_the_key_of_another_name(side: Side, made: chamber.Made) -> None:
    for name, secret in ((side.officer(1), "wrong"), (side.officer(2), SECRET), (side.other.officer(1), SECRET)):
        with pytest.raises(Refusal, match=r"officer\.wrong-secret"), chamber.opened(name, made.wrapped, secret, "x"):
            raise AssertionError("it opened")


def test_it_signs_no_other_text(side: Side, made: chamber.Made) -> None:
    filing, release = texts(side)
    header, _ = side.draft("incident.initial", FIRE)
    own = drafting.sign_filing(header, side.border.now, side.officer(1), private_key("any"))
    counted, _ = side.draft("flow.count", FLOW, release="machine")
    foreign, _ = side.other.draft("incident.initial", FIRE)
    in_force = side.header("instrument", instrument=InForce(law="0" * 64, words="0" * 64))
    refused = {
        "nothing": b"",
        "any words": b"give everything\n",
        "a checkpoint": f"{side.origin}\n7\nAAAA\n".encode(),
        "a key-set": key_set_text(side.origin, KeySet(version=2)),
        "a possession": f"mithaq/possession/v1\nofficer {side.officer(1)}\nAAAA\n".encode(),
        "a machine leaf": text_of(counted),
        "the instrument": text_of(in_force),
        "a notice not filed": text_of(header),
        "a release of what this officer filed": text_of(own),
        "a filing in another's name": filing.replace(side.officer(1).encode(), side.officer(2).encode()),
        "another party's log": text_of(foreign),
        "another spelling": filing.replace(b'","', b'", "', 1),
        "two texts": release + release,
    }
    taken = []
    for what, text in refused.items():
        with pytest.raises(Refusal) as found:
            signed(side, made, text)
        taken.append((what, found.value.code))
    assert taken == [(what, "officer.not-to-be-signed") for what in refused]


def test_it_signs_a_hand_over_at_its_own_desk_in_its_own_name(side: Side, made: chamber.Made) -> None:
    own = handover.text_of(handing(side))
    assert signing.verifies(made.public, own, signed(side, made, own))
    others = handover.text_of(handing(side, by=side.officer(2)))
    elsewhere = handover.text_of(handing(side, log=side.other.origin))
    for text in (others, elsewhere, own + own):
        with pytest.raises(Refusal, match=r"officer\.not-to-be-signed"):
            signed(side, made, text)


FLOW = {
    "crossing": "bridge",
    "day": "2031-03-01",
    "direction": "to-ml",
    "stage": "count",
    "source": "border-authority",
    "counts": {"passengers": 40},
}


def test_it_signs_one_text_and_for_one_log(side: Side, made: chamber.Made) -> None:
    filing, release = texts(side)
    with pytest.raises(Refusal, match=r"officer\.not-to-be-signed"):
        signed(side, made, filing, side.origin.replace("/1", "/2"))
    with chamber.opened(side.officer(1), made.wrapped, SECRET, side.origin) as key:
        key.sign(filing)
        with pytest.raises(Fault):
            key.sign(release)


def test_this_process_never_holds_the_key(side: Side, made: chamber.Made) -> None:
    with chamber.opened(side.officer(1), made.wrapped, SECRET, side.origin) as key:
        key.sign(texts(side)[0])
        seed = wrapping.unwrap(made.wrapped, SECRET, side.officer(1))
        # By its type alone: to ask a lazy object of an earlier test what it is would wake it.
        held = [each for each in gc.get_objects() if type(each) is PrivateKey and each.seed == seed]
        assert held == []
        assert not hasattr(key, "seed")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_chamber_leaves_no_core_and_is_started_again_after_a_kill(side: Side, made: chamber.Made) -> None:
    signed(side, made, texts(side)[0])
    first = chamber._chamber._process
    assert first is not None
    assert Path(f"/proc/{first.pid}/limits").read_text().split("Max core file size")[1].split()[0] == "0"
    first.kill()
    first.wait()
    assert len(signed(side, made, texts(side)[0])) == 64
    second = chamber._chamber._process
    assert second is not None
    assert second.pid != first.pid
