"""`mithaq check`: what an operator must know before the node serves; each finding has an id and a remedy."""

import typer

from mithaq_cli import options
from mithaq_cli.refusing import REFUSED, say


def check(data: options.Data = None, json: options.Json = False) -> None:
    """Check keys, instrument, fence and tables; exit status 2 when something must be mended first."""
    options.open_node(data, whole=False)
    from django.core.checks import ERROR, run_checks

    from mithaq_node.services import preflight

    findings = run_checks(tags=["mithaq"], include_deployment_checks=True, databases=["default"])
    lines = [f"{each.id}: {each.msg}" + (f" {each.hint}" if each.hint else "") for each in findings]
    values = [{"hint": each.hint, "id": each.id, "message": str(each.msg)} for each in findings]
    say(json, {"findings": values}, "\n".join(lines) or "nothing to mend")
    if any(each.level >= ERROR for each in findings):
        raise typer.Exit(REFUSED)
    preflight.require_own_record()
