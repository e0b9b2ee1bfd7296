"""A forged law beside a genuine one, or before it, lends its keys to nothing: both verifiers say so."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from mithaq.instrument.law import Law
from mithaq.instrument.sealing import Sealed
from mithaq.notices.envelope import InForce, KeySet, Roots, key_set_text
from mithaq.notices.keys import key_of, with_signatures
from mithaq.record import note
from mithaq.signing import PrivateKey
from mithaq_files import case, export, held, trust, verifying
from mithaq_files.case import Case, Said
from tests.mithaq_files import border, damage
from tests.mithaq_files.border import Border, Log
from tests.mithaq_files.test_case import case_of, encoded
from tests.mithaq_files.test_case import proof_of as whole_proof_of
from tests.mithaq_files.test_evidence import evidence_of, proof_of
from tests.mithaq_files.test_fork_file import shown_by
from tests.mithaq_files.test_verifying import standalone

GENUINE, INTACT = "GENUINE", "INTACT"
OWN = border.private


@contextmanager
def keys_of(whose: str) -> Iterator[None]:
    """Every key that is made meanwhile is another one of the same name."""

    def other(name: str) -> PrivateKey:
        return OWN(f"{whose} {name}")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(border, "private", other)
        yield


def verdicts(paths: Sequence[Path], named: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What both verifiers say of each path."""
    first = {each.path: str(each.verdict) for each in verifying.verify(paths, trust.read(named)).subjects}
    capsys.readouterr()
    standalone().main([*map(str, paths), "--trust", named, "--json"])
    second = {path.split(": ")[0]: verdict for verdict, path in json.loads(capsys.readouterr().out)["paths"]}
    assert second == first
    return [first[str(path)] for path in paths]


@pytest.fixture(params=["the law", "root keys"])
def named(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What is trusted: the genuine law, or the genuine root keys of both parties."""
    if request.param == "the law":
        return damage.told().sealed.law_digest
    path = tmp_path / "roots"
    path.write_text("".join(f"{vkey}\n" for vkey in (*border.root_keys("NA"), *border.root_keys("SA"))))
    return str(path)


def shown(kept: Border, folder: Path) -> tuple[Path, Path, Path]:
    """A case, and beside it a proof and evidence of a fork."""
    folder.mkdir()
    paths = folder / "case.zip", folder / "notice.proof", folder / "evidence"
    contents = encoded(case_of(kept)), proof_of(kept, evidence_of(kept)).encode(), shown_by(kept).encode()
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def test_a_forged_law_before_the_genuine_one_makes_no_forged_proof_and_no_forged_fork_genuine(
    named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with keys_of("forger"):
        forged = shown(damage.told(), tmp_path / "forged")
    kept = damage.told()
    _, *genuine = shown(kept, tmp_path / "genuine")
    out = kept.write(tmp_path / "export")
    for paths in ((*forged, out, *genuine), (out, *genuine, *forged)):
        found = dict(zip(paths, verdicts(paths, named, capsys), strict=True))
        assert [found[path] for path in forged] == [INTACT, "BROKEN", "BROKEN"]
        assert [found[path] for path in (out, *genuine)] == [GENUINE] * 3


def test_a_law_that_is_not_the_trusted_one_serves_nothing_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would call a genuine proof broken, under root keys of its own."""
    with keys_of("forger"):
        forged, *_ = shown(damage.told(), tmp_path / "forged")
    _, proof, fork = shown(damage.told(), tmp_path / "genuine")
    assert verdicts([forged, proof, fork], "0" * 64, capsys) == [INTACT] * 3


def test_whose_first_key_set_is_genuine_is_not_trusted_for_the_key_sets_after_it(
    named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The forger names a root key of his own beside the genuine ones, of which one is enough, and changes the keys."""
    kept = border.opened(border.seal(border.law()))
    north, thief = kept.north, border.private("thief")
    name = "north.example/root/9"
    change = KeySet(version=2, add=[key_of("north.example/officer/7", "officer", border.private("7").public)])
    signed = with_signatures(change, [note.sign(key_set_text(north.origin, change), name, thief)])
    kept.north.machine("key-set", keyset=signed)
    forged = Roots(keys=[*border.root_keys("NA"), note.Verifier(name, note.ED25519, thief.public).vkey()], threshold=1)
    north.notice("incident", {"place": "S1", "cause": "fire"})
    shown = replace(evidence_of(damage.told()), entry=north.entries[2], facts=None, roots=forged)
    proof = tmp_path / "notice.proof"
    proof.write_bytes(proof_of(kept, replace(shown, keysets=[(0, north.entries[0]), (2, north.entries[2])])).encode())
    assert verdicts([proof], named, capsys) == [INTACT]


# Versions with other root keys


def versions_of(first: Law, second: Law, under: str) -> tuple[Sealed, Sealed]:
    """The first version as the caller's keys seal it, the second as the keys `under` do."""
    with keys_of(under):
        later = border.seal(second)
    return border.seal(first), later


def second_law(under: str = "") -> Law:
    """Version 2, with the root keys of `under`."""
    if not under:
        return msgspec.structs.replace(border.law(), version=2)
    with keys_of(under):
        return msgspec.structs.replace(border.law(), version=2)


def rotation(log: Log, to: str) -> KeySet:
    """The change of root keys that the log's party signed: with the root keys it has, and with the new ones."""
    with keys_of(to):
        new, makers = border.root_keys(log.party), border.roots(log.party)[:2]
    change = KeySet(version=2, roots=Roots(keys=new, threshold=2))
    return resigned(with_signatures(change, signatures(log, change, makers)), log)


def resigned(change: KeySet, log: Log) -> KeySet:
    """The change with the signatures that it has, and those of the root keys at hand."""
    return with_signatures(
        change,
        [
            *(note.Signature.from_base64(each.by, each.sig) for each in change.signed),
            *signatures(log, change, border.roots(log.party)[:2]),
        ],
    )


def signatures(log: Log, change: KeySet, makers: Sequence[tuple[str, PrivateKey]]) -> list[note.Signature]:
    return [note.sign(key_set_text(log.origin, change), name, key) for name, key in makers]


def rotated(first: Sealed, changes: Sequence[KeySet]) -> Border:
    """Both logs under the first version, each with its change of root keys and an incident."""
    kept = border.opened(first)
    for log, change in zip((kept.north, kept.south), changes, strict=True):
        log.machine("key-set", keyset=change)
        log.notice("incident", {"place": "S1", "cause": "fire"})
    return kept


def written(kept: Border, versions: Sequence[Sealed], folder: Path) -> list[Path]:
    """An export and a case that hold these versions."""
    folder.mkdir()
    sources = [kept.north.source(kept.south), kept.south.source(kept.north)]
    export.write(folder / "export", held.files_of(versions), sources, demo=False)
    proofs = {}
    for log in (kept.north, kept.south):
        keysets = [(at, log.entries[at]) for at in (0, 2)] if len(log.entries) == 4 else [(0, log.entries[0])]
        for index in (0, len(log.entries) - 1):
            proofs[case.proof_name(f"{log.party}-all-1", index)] = whole_proof_of(log, index, keysets=keysets)
    said = Said(law=versions[-1].law_digest, at="2025-08-12T00:00:00Z", by="NA", incident="NA 1-0", language="en")
    (folder / "case.zip").write_bytes(encoded(Case(said, held.files_of(versions), proofs)))
    return [folder / "export", folder / "case.zip"]


def test_a_genuine_change_of_root_keys_that_is_replayed_under_a_forged_first_version_is_not_genuine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = versions_of(border.law(), second_law("new"), "new")
    logs = [Log(first, code) for code in border.PARTIES]
    changes = [rotation(log, "new") for log in logs]
    genuine = written(rotated(first, changes), [first, second], tmp_path / "genuine")
    with keys_of("forger"):
        forged_first = border.seal(border.law())
        replayed = [resigned(change, log) for change, log in zip(changes, logs, strict=True)]
        forged = written(rotated(forged_first, replayed), [forged_first, second], tmp_path / "forged")
    for path in forged:
        assert verdicts([path], second.law_digest, capsys) == [INTACT]
    for path in genuine:
        assert verdicts([path], first.law_digest, capsys) == [GENUINE]
        assert verdicts([path], second.law_digest, capsys) == [INTACT]


def test_a_later_version_with_the_root_keys_of_the_first_is_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = border.seal(border.law()), border.seal(second_law())
    kept = border.told(first)
    kept.north.machine("instrument", instrument=InForce(law=second.law_digest, words=second.words_digest))
    for path in written(kept, [first, second], tmp_path / "both"):
        assert verdicts([path], second.law_digest, capsys) == [GENUINE]
