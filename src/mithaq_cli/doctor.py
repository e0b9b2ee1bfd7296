"""`mithaq doctor`: whether a node would do its work tonight; each finding with its remedy."""

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.refusing import REFUSED, say
from mithaq_files.refusals import sentence


def doctor(data: options.Data = None, json: options.Json = False) -> None:
    """Look at everything that `mithaq check` looks at, and try the node's own alarm for real.

    Exit status 2 when something must be mended. The alarm sounds: say so to whoever is on watch.
    """
    node = options.open_node(data, whole=False)
    from django.core.checks import run_checks

    from mithaq_node.services import alarming

    found: list[dict[str, str | bool]] = [
        {"id": str(each.id), "message": str(each.msg), "remedy": each.hint or "", "grave": each.is_serious()}
        for each in run_checks(tags=["mithaq"], include_deployment_checks=True, databases=["default"])
    ]
    if not node.alarm:
        remedy = "Set `alarm` in node.toml to a command that wakes somebody."
        found.append(_finding("mithaq.W005", "no alarm of the node's own: only open pages ring", remedy, False))
    else:
        try:
            alarming.sound(node.alarm, alarming.TRIAL, ())
        except Refusal as refusal:
            remedy = "Run the command by hand as the node's user, then mend `alarm` in node.toml."
            found.append(_finding("mithaq.E004", sentence(refusal, "en"), remedy, True))
    lines = [f"{each['id']}: {each['message']} {each['remedy']}".rstrip() for each in found]
    tried = "the alarm was sounded" if node.alarm and not any(each["id"] == "mithaq.E004" for each in found) else ""
    say(json, {"findings": found, "alarm": bool(tried)}, "\n".join([*lines, *([tried] if tried else [])]))
    if any(each["grave"] for each in found):
        raise typer.Exit(REFUSED)


def _finding(id: str, message: str, remedy: str, grave: bool) -> dict[str, str | bool]:
    return {"id": id, "message": message, "remedy": remedy, "grave": grave}
