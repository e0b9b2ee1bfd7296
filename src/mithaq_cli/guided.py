"""What `mithaq init` asks at a terminal, in which order, and what it takes for an answer.

Each answer is looked at by what will be done with it: the instrument is read and its seals are checked, the database is
reached, the ports are tried. So a summary that stands can be made.
"""

import os
import re
from collections.abc import Sequence
from getpass import getpass
from pathlib import Path
from typing import Any

import typer

from mithaq.errors import Refusal
from mithaq.instrument.sealing import Sealed
from mithaq_cli import asking, options
from mithaq_cli.asking import NONE, Answers, Question, Unacceptable
from mithaq_cli.listening import require_free
from mithaq_files.instrument import read_sealed
from mithaq_node.services import founding
from mithaq_node.settings import node as settings
from mithaq_node.settings.addresses import without_password

ROLES = ("duty", "releasing", "secretariat", "auditor", "operator", "integrator", "observer")
SHORTEST_SECRET = 12
"""Characters. `services.accounts`, which needs Django, says the same; a test holds the two together."""
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63})*|\[[0-9a-fA-F:]{2,}\]")
_SERVED = Path("/srv")


def questions() -> Sequence[Question]:
    """Every question of `mithaq init`, in the order in which one answer helps to read the next."""
    return (
        Question("language", _read_language, choices=lambda _: options.LANGUAGES),
        Question("instrument", _read_instrument),
        Question("party", _read_party, choices=_parties),
        Question("data", _read_data, lambda answers: str(_SERVED / "mithaq" / answers["party"].lower())),
        Question(
            "fence", _read_fence, lambda answers: str(_SERVED / "mithaq-fence" / answers["party"].lower()),
            screened=without_password,
        ),
        Question("database", _read_database, lambda _: "sqlite", screened=without_password),
        Question("desk_name", _read_host, lambda _: "localhost"),
        Question("https", _read_yes, _usual_https, lambda _: ("yes", "no"), lambda value: "yes" if value else "no"),
        Question("port", _read_port, lambda _: "8400"),
        Question(
            "reached", _read_host, lambda answers: answers["desk_name"], asked=lambda answers: not answers.get("url")
        ),
        Question("peer_port", _read_peer_port, lambda _: "8402"),
        Question("officer", _read_officer, lambda _: NONE, shown=lambda value: value or NONE),
        Question("role", _read_role, lambda _: ROLES[0], lambda _: ROLES, asked=_has_officer),
        Question(
            "authority", _read_authority, lambda _: NONE, _authorities, lambda value: value or NONE,
            lambda answers: _has_officer(answers) and bool(_authorities(answers)),
        ),
        Question("password", _read_password, asked=_has_officer, secret=True),
    )  # fmt: skip


def ask(given: Answers) -> Answers:
    """Every answer, with `given` offered where something was given; refuses when the reader stops."""
    return asking.dialogue(questions(), {name: value for name, value in given.items() if value not in (None, "")})


def _read_language(answer: str, _answers: Answers) -> str:
    return asking.among(answer, options.LANGUAGES)


def _read_instrument(answer: str, answers: Answers) -> str:
    folder = Path(answer).expanduser()
    sealed = read_sealed(folder)
    if sealed.law.demo:
        raise Refusal("node.demo-instrument", instrument=sealed.law.id)
    sealed.require_in_force(options.moment(None))
    title = sealed.law.title.get(answers["language"], sealed.law.id)
    typer.echo(asking.text("known", answers["language"], title=title, fingerprint=sealed.fingerprint))
    return str(folder)


def _sealed(answers: Answers) -> Sealed:
    return read_sealed(Path(answers["instrument"]))


def _parties(answers: Answers) -> Sequence[str]:
    return [party.code for party in _sealed(answers).law.parties]


def _read_party(answer: str, answers: Answers) -> str:
    return asking.among(answer, _parties(answers))


def _read_data(answer: str, _answers: Answers) -> str:
    folder = Path(answer).expanduser().absolute()
    _require_writable(folder)
    founding.require_empty(folder)
    return str(folder)


def _read_fence(answer: str, answers: Answers) -> str:
    if found := settings.address(answer):
        return found
    folder, data = Path(answer).expanduser().absolute(), Path(answers["data"])
    _require_writable(folder)
    if _device(folder) == _device(data):
        typer.echo(asking.text("same_device", answers["language"]))
    return str(folder)


def _require_writable(folder: Path) -> None:
    """Refuse a folder that could not be made or written."""
    above = _there(folder)
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise Refusal("node.folder-unusable", folder=str(folder), reason=str(above))


def _there(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _device(folder: Path) -> int:
    return _there(folder).stat().st_dev


def _read_database(answer: str, answers: Answers) -> str:
    node = settings.parse(Path(answers["data"]), {**_least(answers), "database": answer})
    founding.require_fresh_database(node)
    return node.database


def _least(answers: Answers) -> dict[str, Any]:
    return {"party": answers["party"], "fence": answers["fence"]}


def _read_host(answer: str, _answers: Answers) -> str:
    if not _HOST.fullmatch(answer):
        raise Unacceptable("not_a_name", value=answer[:80])
    return answer


def _usual_https(answers: Answers) -> str:
    return "no" if answers["desk_name"] == "localhost" else "yes"


def _read_yes(answer: str, _answers: Answers) -> bool:
    if answer.casefold() in asking.YES + asking.NO:
        return answer.casefold() in asking.YES
    raise Unacceptable("not_among", choices="yes, no")


def _read_port(answer: str, answers: Answers) -> int:
    node = settings.parse(Path(answers["data"]), {**_least(answers), "port": answer, "peer_port": _other(answer)})
    require_free(node.host, node.port)
    return node.port


def _read_peer_port(answer: str, answers: Answers) -> int:
    values = {**_least(answers), "port": answers["port"], "peer_port": answer}
    node = settings.parse(Path(answers["data"]), values)
    require_free(node.peer_host, node.peer_port)
    return node.peer_port


def _other(port: str) -> str:
    """A port that is another one, so that each is judged by itself."""
    return "8402" if port != "8402" else "8400"


def _read_officer(answer: str, _answers: Answers) -> str:
    if answer == NONE:
        return ""
    if len(answer) > 80 or not answer.isprintable():
        raise Refusal("officer.bad-name", name=answer[:80])
    return answer


def _has_officer(answers: Answers) -> bool:
    return bool(answers.get("officer"))


def _read_role(answer: str, _answers: Answers) -> str:
    return asking.among(answer, ROLES)


def _authorities(answers: Answers) -> Sequence[str]:
    party = _sealed(answers).law.party(answers["party"])
    return [each.id for each in party.authorities] if party else []


def _read_authority(answer: str, answers: Answers) -> str:
    return "" if answer == NONE else asking.among(answer, _authorities(answers))


def _read_password(answer: str, answers: Answers) -> str:
    if len(answer) < SHORTEST_SECRET:
        raise Refusal("officer.weak-secret", shortest=SHORTEST_SECRET)
    if getpass(f"{asking.text('again', answers['language'])}\n> ") != answer:
        raise Unacceptable("not_the_same")
    return answer
