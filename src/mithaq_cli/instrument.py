"""`mithaq instrument`: write, check, show, compare, seal and verify instruments. Only `propose` and `drop` need a node.

`check` exits 0 when nothing is wrong and 1 when something is; `diff` 0 when nothing differs and 1 when something does;
`verify` 0 when the instrument is in force and 1 when it is not. Whatever cannot be read at all is refused with 2.
"""

import re
import secrets
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from mithaq import moments
from mithaq.errors import Finding, Refusal
from mithaq.instrument import alternat, changes, sealing
from mithaq.instrument.exercise import exercise_of
from mithaq.instrument.law import Law, Party
from mithaq.instrument.sealing import Sealed
from mithaq.notices.book import UNKNOWN
from mithaq.notices.restraint import require_restraint
from mithaq.record.note import ED25519, Verifier
from mithaq.signing import SEED_BYTES
from mithaq_cli import options
from mithaq_cli.refusing import language, say
from mithaq_files import instrument as folders
from mithaq_files.refusals import sentence
from mithaq_files.roots import read_root, write_root

commands = typer.Typer(help="Write, check, seal and compare instruments.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="An instrument's folder, as written or as compiled.", show_default=False)]


@commands.command("new")
def new(
    folder: Annotated[Path, typer.Argument(help="The folder to make.", show_default=False)],
    id: Annotated[str, typer.Option(help="Identifier of the new instrument: small letters, digits, hyphens.")],
    model: Annotated[str, typer.Option("--from", help="The shipped instrument to begin from.")] = "meadow-river-2030",
    json: options.Json = False,
) -> None:
    """Make a folder to write in: a copy of a shipped instrument under a new identifier, without root keys."""
    if folder.exists() and any(folder.iterdir()):
        raise Refusal("instrument.another-in-folder", folder=str(folder))
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id):
        raise Refusal("instrument.bad-identifier", found=id)
    for name, content in folders.read_folder(folders.shipped(model)).items():
        if name.startswith("roots/"):
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(re.sub(rb"(?m)^id: .*$", b"id: " + id.encode(), content) if "/" not in name else content)
    say(json, {"folder": str(folder), "id": id}, str(folder))


@commands.command("roots")
def roots(
    folder: Annotated[Path, typer.Argument(help="The folder of the instrument being written.", show_default=False)],
    party: Annotated[str, typer.Option(help="The party, by its code.")],
    keys: Annotated[Path, typer.Option(help="Where the secret keys go: not on a node.")],
    count: Annotated[int, typer.Option(min=1, max=20, help="How many root keys to make.")] = 1,
    json: options.Json = False,
) -> None:
    """Make a party's root keys, and put their public halves into the instrument's folder."""
    named = folder / "roots" / f"{party}.keys"
    if named.exists():
        raise Refusal("root.exists", file=str(named))
    domain = _party(folders.compile_folder(folder).law, party).domain
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    vkeys = []
    for number in range(1, count + 1):
        name = f"{domain}/root/{number}"
        key = write_root(keys / f"root-{number}.key", name, secrets.token_bytes(SEED_BYTES))
        vkeys.append(Verifier(name, ED25519, key.public).vkey())
    named.parent.mkdir(exist_ok=True)
    named.write_text("".join(f"{vkey}\n" for vkey in vkeys), encoding="ascii")
    fingerprint = sealing.roots_fingerprint(vkeys)
    say(json, {"fingerprint": fingerprint, "party": party, "roots": vkeys}, "\n".join((*vkeys, fingerprint)))


@commands.command("check")
def check(folder: Folder, json: options.Json = False) -> None:
    """Name everything that is wrong in an instrument's folder: file, path, reason."""
    findings = folders.check_folder(folder)
    if json:
        say(json, {"findings": [_plain(finding) for finding in findings], "ok": not findings}, "")
    for finding in () if json else findings:
        typer.echo(f"{finding.file}: {finding.path or '-'}: {finding.code}: {_reason(finding)}", err=True)
    if findings:
        raise typer.Exit(1)
    if not json:
        law = _load(folder).law
        without = [party.code for party in law.parties if not party.roots]
        typer.echo(
            f"{law.id} {law.version}: nothing wrong" + (f"; no root keys yet: {', '.join(without)}" if without else "")
        )


@commands.command("show")
def show(folder: Folder, json: options.Json = False) -> None:
    """Say what an instrument is: its parties, what it has, its digests, who has sealed it."""
    sealed = _load(folder)
    law, here = sealed.law, language()
    parties = {party.code: party for party in law.parties}
    lines = [
        law.title.get(here, next(iter(law.title.values()))),
        f"{law.id}, version {law.version}, rules {law.rules}"
        + (", demonstration" if law.demo else "")
        + (", exercise" if law.exercise else ""),
        *(
            f"{code}  {parties[code].name.get(here, code)}  {parties[code].domain}"
            for code in alternat.in_turn(parties, law.version)
        ),
        *(f"audience {name}: {', '.join(members)}" for name, members in law.audiences.items() if name != "all"),
        *(f"observer {each.id}: {each.key.split('+', 1)[0]}" for each in law.observers),
        f"{len(law.articles)} articles, {len(law.kinds)} kinds, {len(law.clocks)} clocks",
        f"{len(law.sectors)} sectors, {len(law.crossings)} crossings",
        *_seal_lines(sealed),
    ]
    counted = {name: len(getattr(law, name)) for name in ("articles", "clocks", "crossings", "kinds", "sectors")}
    about = {
        "audiences": law.audiences,
        "demo": law.demo,
        "exercise": law.exercise,
        "observers": {each.id: each.key for each in law.observers},
        "parties": [party.code for party in law.parties],
        "title": law.title,
        **counted,
    }
    say(json, _seal_values(sealed) | about, "\n".join(lines))


@commands.command("diff")
def diff(before: Folder, after: Folder, json: options.Json = False) -> None:
    """Compare two instruments: law and words apart, field by field, texts word by word."""
    found = changes.diff(_load(before), _load(after))
    values = {"law": [_change(each) for each in found.law], "words": [_change(each) for each in found.words]}
    lines = [f"{part}: {_change_line(each)}" for part in ("law", "words") for each in getattr(found, part)]
    say(json, values, "\n".join(lines) or "nothing differs")
    if found:
        raise typer.Exit(1)


@commands.command("seal")
def seal(
    folder: Folder,
    root: Annotated[Path, typer.Option(help="The file of one of the party's root keys.")],
    out: Annotated[
        Path | None, typer.Option(help="Where the compiled, sealed folder goes; needed the first time.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Put a root key's seal under law and words. Every party does so, each with its own keys."""
    name, key = read_root(root)
    target = out or folder
    if findings := folders.check_folder(folder):
        raise Refusal("instrument.faulty", count=len(findings), file=findings[0].file, first=findings[0].code)
    if out is None and not folders.is_sealed_folder(folder):
        raise Refusal("instrument.no-out")
    sealed = _with_seals_in(target, _load(folder))
    domain = name.partition("/")[0]
    party = next((party.code for party in sealed.law.parties if party.domain == domain), domain)
    done = sealing.seal(sealed, party, name, key)
    folders.write_sealed(target, done)
    say(json, _seal_values(done) | {"out": str(target)}, "\n".join((str(target), *_seal_lines(done))))


@commands.command("exercise")
def exercise(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Where the folder of the exercise goes; each party seals it there.")],
    json: options.Json = False,
) -> None:
    """Make the instrument for exercises out of one: the same text, `exercise` in its identifier, nobody's seal yet."""
    if out.exists() and any(out.iterdir()):
        raise Refusal("instrument.another-in-folder", folder=str(out))
    made = exercise_of(_load(folder))
    folders.write_sealed(out, made)
    say(json, _seal_values(made) | {"exercise": True, "out": str(out)}, "\n".join((str(out), *_seal_lines(made))))


@commands.command("verify")
def verify(folder: Folder, json: options.Json = False) -> None:
    """Check the seals of a compiled instrument, whether it is in force, and that its kinds keep to the fences."""
    if not folders.is_sealed_folder(folder):
        raise Refusal("instrument.file-missing", name=sealing.LAW_FILE)
    sealed = folders.read_sealed(folder)
    try:
        sealed.require_in_force(_now())
        require_restraint(sealed.law)
    except Refusal as refusal:
        say(json, _seal_values(sealed) | {"code": refusal.code}, "\n".join(_seal_lines(sealed)))
        typer.echo(f"{refusal.code}: {sentence(refusal, language())}", err=True)
        raise typer.Exit(1) from refusal
    say(json, _seal_values(sealed) | {"code": "ok"}, "\n".join(_seal_lines(sealed)))


@commands.command("propose")
def propose(folder: Folder, data: options.Data = None, json: options.Json = False) -> None:
    """Bring a new version to a node: its desk shows what differs, the effect on each deadline, and whose seal it has.

    The version that the node serves binds until the new one has every seal and is entered. Brought again with more
    seals, those are added.
    """
    if findings := folders.check_folder(folder):
        raise Refusal("instrument.faulty", count=len(findings), file=findings[0].file, first=findings[0].code)
    proposed = _load(folder)
    options.open_node(data)
    from mithaq_node.queries import proposal
    from mithaq_node.services import clock, proposing

    now = clock.now()
    kept = proposing.propose(proposed=proposed, now=now)
    found = proposal.proposal(str(now))
    about = {
        "clocks": [
            {
                "clock": each.clock.id,
                "due": None if each.clock.due == UNKNOWN else each.clock.due,
                "due_after": each.due_after,
                "moved": None if each.stands else each.moved,
                "notice": each.clock.notice,
                "stands": each.stands,
            }
            for each in found.effects
        ],
        "sort": found.sort,
    }
    changed, moved = sum(each.changes for each in found.effects), sum(each.moves for each in found.effects)
    lines = [
        f"{found.sort}: {len(found.difference.law)} changes of law, {len(found.difference.words)} of words",
        f"{len(found.effects)} clocks run, of which it moves {moved}; {changed} would differ had they begun under it",
        *_seal_lines(kept),
    ]
    say(json, _seal_values(kept) | about, "\n".join(lines))


@commands.command("enter")
def enter(data: options.Data = None, json: options.Json = False) -> None:
    """Enter the proposed version once every party has sealed it: from here on it binds this party.

    The version before stays, and what was made under it is judged by it for ever. Each party enters when it gets to it;
    what the other makes under the new version meanwhile is kept, and is read once it is entered here too.
    """
    options.open_node(data)
    from mithaq_node.services import changing_over, clock

    done = changing_over.enter(now=clock.now())
    entered = ", ".join(done.leaves) or "entered already"
    lines = [f"version {done.version.law.version}: {entered}", *_seal_lines(done.version)]
    say(json, _seal_values(done.version) | {"leaves": list(done.leaves)}, "\n".join(lines))


@commands.command("drop")
def drop(data: options.Data = None, json: options.Json = False) -> None:
    """Give up the new version that was proposed at a node; the one that it serves stays as it is."""
    options.open_node(data)
    from mithaq_node.services import proposing

    proposing.drop()
    say(json, {"dropped": True}, "dropped")


def _load(folder: Path) -> Sealed:
    """The instrument in a folder, compiled first where people write it."""
    if folders.is_sealed_folder(folder):
        return folders.read_sealed(folder)
    compiled = folders.compile_folder(folder)
    return Sealed.open(compiled.law_bytes, compiled.words_bytes)


def _with_seals_in(folder: Path, fresh: Sealed) -> Sealed:
    """The instrument with the seals that its compiled folder carries already; words that were mended lose theirs."""
    if not folders.is_sealed_folder(folder):
        return fresh
    held = folders.read_sealed(folder)
    if held.law_bytes != fresh.law_bytes:
        raise Refusal("instrument.another-in-folder", folder=str(folder))
    words_note = held.words_note if held.words_bytes == fresh.words_bytes else None
    return Sealed.open(fresh.law_bytes, fresh.words_bytes, held.law_note, words_note)


def _party(law: Law, code: str) -> Party:
    found = law.party(code)
    if found is None:
        raise Refusal("instrument.unknown-party", party=code)
    return found


def _seal_values(sealed: Sealed) -> dict[str, Any]:
    return {
        "fingerprint": sealed.fingerprint,
        "id": sealed.law.id,
        "in_force": _in_force(sealed),
        "law": sealed.law_digest,
        "sealed_by": sorted(sealed.sealed_by),
        "version": sealed.law.version,
        "words": sealed.words_digest,
    }


def _seal_lines(sealed: Sealed) -> list[str]:
    return [
        f"law {sealed.law_digest}",
        f"words {sealed.words_digest}",
        f"fingerprint {sealed.fingerprint}",
        f"sealed by {', '.join(sorted(sealed.sealed_by)) or 'nobody'}: "
        + ("in force" if _in_force(sealed) else "not in force"),
    ]


def _in_force(sealed: Sealed) -> bool:
    try:
        sealed.require_in_force(_now())
    except Refusal:
        return False
    return True


def _now() -> moments.Moment:
    return moments.Moment(int(time.time()))


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "data": dict(finding.data),
        "file": finding.file,
        "path": finding.path,
        "reason": _reason(finding),
    }


def _reason(finding: Finding) -> str:
    return sentence(Refusal(finding.code, **finding.data), language())


def _change(change: changes.Change) -> dict[str, Any]:
    runs = [{"text": run.text, "what": run.what} for run in change.runs]
    return {"after": change.after, "before": change.before, "path": change.path} | ({"runs": runs} if runs else {})


def _change_line(change: changes.Change) -> str:
    if change.runs:
        marks = {"kept": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
        return f"{change.path}: " + " ".join(marks[run.what].format(run.text) for run in change.runs)
    if change.before is None:
        return f"{change.path}: added"
    if change.after is None:
        return f"{change.path}: removed"
    return f"{change.path}: {change.before} -> {change.after}"
