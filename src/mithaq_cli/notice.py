"""`mithaq notice`: what the desk does, for the shell: draft, file, release, list, show."""

import json as text_of_json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.refusing import say

if TYPE_CHECKING:
    from mithaq.notices.envelope import Leaf, Reference
    from mithaq_node.store.models import Draft

commands = typer.Typer(help="Draft, file, release and read notices.", no_args_is_help=True)


@commands.command("draft")
def draft(
    kind: Annotated[str, typer.Option(help="The kind of notice, as the instrument names it.")],
    content: Annotated[Path, typer.Option(help="A file with the fields as one JSON object.")],
    officer: options.OfficerName,
    re: Annotated[list[str] | None, typer.Option(help="The number of a notice this one refers to; repeatable.")] = None,
    precedence: Annotated[str, typer.Option(help="One of the instrument's precedences; else the kind's.")] = "",
    audience: Annotated[str, typer.Option(help="For whom; the audience of what it refers to, or all.")] = "",
    file: Annotated[bool, typer.Option("--file", help="File it at once; the officer signs.")] = False,
    password_file: options.PasswordFile = None,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Keep a draft; with --file, sign and file it for another officer's release, or keep nothing when refused."""
    options.open_node(data)
    from mithaq_node.services import clock, drafting, filing

    writer = options.officer(officer)
    kept = drafting.save_draft(
        officer=writer,
        kind=kind,
        content=_content(content),
        now=clock.now(),
        references=[_reference(number) for number in re or ()],
        precedence=precedence or None,
        audience=audience,
    )
    if file:
        try:
            secret = options.password(password_file)
            kept = filing.file(draft_id=kept.pk, officer=writer, secret=secret, now=clock.now())
        except Refusal:
            drafting.delete_draft(draft_id=kept.pk, officer=writer)
            raise
    say(json, _described(kept), _stands(kept))


@commands.command("file")
def file_draft(
    draft: Annotated[str, typer.Argument(help="The draft's identifier.")],
    officer: options.OfficerName,
    password_file: options.PasswordFile = None,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Sign and file a draft; another officer releases it."""
    options.open_node(data)
    from mithaq_node.services import clock, filing

    kept = filing.file(
        draft_id=draft,
        officer=options.officer(officer),
        secret=options.password(password_file),
        now=clock.now(),
    )
    say(json, _described(kept), _stands(kept))


@commands.command("release")
def release(
    draft: Annotated[str, typer.Argument(help="The draft's identifier.")],
    officer: options.OfficerName,
    alone: Annotated[bool, typer.Option("--alone", help="As the only officer, where the kind permits it.")] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FINDING=REASON",
            help="Why a passage that the linter found may stay; once for each, in the order of `notice show`.",
        ),
    ] = None,
    password_file: options.PasswordFile = None,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Release a filed draft as its second officer; prints the number of the notice."""
    options.open_node(data)
    from mithaq_node.services import clock, releasing

    do = releasing.release_alone if alone else releasing.release
    answers = _answers(draft, keep) if keep else {}
    secret = options.password(password_file)
    number = do(draft_id=draft, officer=options.officer(officer), secret=secret, now=clock.now(), answers=answers)
    say(json, {"draft": draft, "number": number}, number)


@commands.command("list")
def list_notices(data: options.Data = None, json: options.Json = False) -> None:
    """Drafts of this node, and every leaf of every log it holds."""
    options.open_node(data)
    from mithaq.notices import numbers
    from mithaq_node import queries
    from mithaq_node.queries import rolls
    from mithaq_node.store.models import Draft, DraftState

    law = queries.law()
    open_drafts = [_described(each) for each in Draft.objects.exclude(state=DraftState.RELEASED).order_by("changed_at")]
    leaves = [
        _summary(numbers.spoken_in(log.party, log.origin, index), encoded)
        for log in rolls.logs(law)
        for index, encoded in rolls.leaves(log, 0, log.size)
    ]
    lines = [f"{each['id']}\t{each['kind']}\t{each['state']}" for each in open_drafts]
    lines += [f"{each['number']}\t{each['kind']}\t{each['at']}" for each in leaves]
    say(json, {"drafts": open_drafts, "leaves": leaves}, "\n".join(lines))


@commands.command("show")
def show(
    notice: Annotated[str, typer.Argument(help="Its number, such as 'IQ 12-5', or a draft's identifier.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """One notice: its header and the parts at hand, as they stand in the record; or one draft."""
    options.open_node(data)
    from mithaq_node.store.models import Draft

    found = Draft.objects.filter(pk=notice).first()
    values = _described(found) | {"passages": _passages(found)} if found is not None else _shown(notice)
    say(json, values, text_of_json.dumps(values, ensure_ascii=False, indent=2, sort_keys=True))


@commands.command("certificate")
def certificate(
    notice: Annotated[str, typer.Argument(help="Its number, such as 'IQ 12-5'.")],
    out: Annotated[Path, typer.Option(help="The file, such as IQ12-5.pdf.")],
    language: Annotated[str, typer.Option(help="ar, fa, ckb or en; default: the node's.")] = "",
    disclose: Annotated[
        list[str] | None,
        typer.Option(metavar="CLASS", help="A retention class to show beside the facts; repeatable."),
    ] = None,
    own_copy: Annotated[
        bool, typer.Option("--own-copy", help="A copy for our own file, with our registry number; not to be handed on.")
    ] = False,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write one notice as a paper for reading, with its proof attached; `mithaq verify` judges the proof."""
    node = options.open_node(data)
    from mithaq_node import queries
    from mithaq_node.queries import inside, rolls
    from mithaq_node.services import certifying, clock
    from mithaq_node.web.papers import certificate as papers

    chosen = options.language(language or node.language)
    number = rolls.find(queries.law(), notice)
    found = certifying.certify(number=number, disclose=tuple(disclose or ()), now=clock.now())
    registry = inside.registry_of(number) if own_copy else ""
    options.write(out, papers.paper(found, chosen, registry))
    say(json, {"notice": found.view.notice.number, "language": chosen, "out": str(out)}, str(out))


def _answers(draft: str, keep: list[str]) -> dict[str, str]:
    from mithaq.notices.kept import answers_in_order
    from mithaq_node.queries import drafts
    from mithaq_node.services import drafting

    pairs = [given.partition("=") for given in keep]
    asked = drafting.questions(drafts.draft(draft))
    return answers_in_order(asked, [(finding.strip(), reason.strip()) for finding, _, reason in pairs])


def _stands(draft: "Draft") -> str:
    """How a draft stands, and a warning of each passage that will stop its release."""
    lines = [f"{draft.pk}: {draft.state}"]
    for each in _passages(draft):
        reasons = ", ".join(each["reasons"]) or "-"
        lines.append(f"{each['finding']}\t{each['field']}\t{each['passage']}\t{reasons}")
    return "\n".join(lines)


def _passages(draft: "Draft") -> list[dict[str, Any]]:
    """What the linter finds in a draft, and the reasons for which each passage may stay; nothing while the draft is
    not complete enough to be read."""
    from mithaq_node.services import drafting
    from mithaq_node.store.models import DraftState

    if draft.state == DraftState.RELEASED:
        return []
    try:
        asked = drafting.questions(draft)
    except Refusal:
        return []
    return [
        {"field": each.field, "finding": each.finding, "passage": each.words, "reasons": list(each.reasons)}
        for each in asked
    ]


def _content(file: Path) -> dict[str, Any]:
    try:
        content = text_of_json.loads(options.read(file), object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise Refusal("draft.not-json", file=str(file), reason=str(error)) from error
    if not isinstance(content, dict):
        raise Refusal("draft.not-json", file=str(file), reason="no object")
    return content


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _reference(number: str) -> "Reference":
    from mithaq.notices.envelope import Reference

    log, _, leaf = _leaf(number)
    return Reference(log=log, id=leaf.header.id)


def _leaf(number: str) -> "tuple[str, int, Leaf]":
    from mithaq.notices import numbers
    from mithaq.notices.envelope import parse
    from mithaq_node import queries
    from mithaq_node.queries import rolls

    said = numbers.parse(number)
    if queries.law().party(said.party) is None:
        raise Refusal("instrument.unknown-party", party=said.party)
    log, index = rolls.located(queries.law(), *said)
    for _, encoded in rolls.leaves(log, index, index + 1):
        return log.origin, index, parse(encoded)
    raise Refusal("node.no-entry", log=log.origin, index=index)


def _shown(number: str) -> dict[str, Any]:
    import msgspec

    from mithaq.notices import numbers
    from mithaq_node import queries
    from mithaq_node.queries import rolls

    origin, index, leaf = _leaf(number)
    party = queries.law().party_of(origin)
    assert party is not None  # _leaf found the log under a party of the law
    number = numbers.spoken_in(party.code, origin, index)
    parts = rolls.parts(*rolls.located(queries.law(), *numbers.parse(number)))
    return {
        "header": msgspec.to_builtins(leaf.header),
        "log": origin,
        "number": number,
        "parts": {part.retention: text_of_json.loads(part.body) for part in parts},
        "signed_by": [signature.name for signature in leaf.signatures],
    }


def _summary(number: str, encoded: bytes) -> dict[str, Any]:
    from mithaq.notices.envelope import parse

    try:
        header = parse(encoded).header
    except Refusal as refusal:
        return {"at": "", "kind": refusal.code, "number": number}
    return {"at": header.at, "id": header.id, "kind": header.kind, "number": number}


def _described(draft: "Draft") -> dict[str, Any]:
    return {
        "content": draft.content,
        "entry": draft.entry,
        "filed_by": draft.filed_by.name if draft.filed_by else None,
        "id": draft.pk,
        "kind": draft.kind,
        "precedence": draft.precedence,
        "released_by": draft.released_by.name if draft.released_by else None,
        "remark": draft.remark,
        "state": str(draft.state),
    }
