"""What an operator may be told of a node: each finding by a stable id, with what it means and what to do about it.

`E` must be mended before the node does its work; `W` should be. docs/reference/findings.md is written from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.checks import ERROR, WARNING, CheckMessage


@dataclass(frozen=True, slots=True)
class Known:
    """What a finding means, and its remedy."""

    means: str
    remedy: str


FINDINGS: Mapping[str, Known] = {
    "mithaq.E001": Known(
        "others can read a key", "chmod 700 the folder and 600 its files, then change the keys (`mithaq keys rotate`)."
    ),
    "mithaq.E002": Known("the instrument is missing", "Make the node with `mithaq init --instrument`."),
    "mithaq.E003": Known(
        "the record is not guarded against changes", "Migrate a fresh database, and find out who dropped the triggers."
    ),
    "mithaq.E004": Known(
        "the alarm does not work", "Run the command by hand as the node's user, then mend `alarm` in node.toml."
    ),
    "mithaq.E005": Known(
        "the database does not answer", "Start its server, or mend `database` in node.toml; then look at its own log."
    ),
    "mithaq.E006": Known(
        "the tables are of a newer program", "Install the version that made them; an older one cannot read them."
    ),
    "mithaq.E007": Known(
        "the node is UNSURE and signs nothing",
        "Mount the fence's device, then `mithaq recover`; see backup and restore.",
    ),
    "mithaq.E008": Known(
        "the clock stands before the last entry of a log", "Set the clock right before anything is released; see time."
    ),
    "mithaq.E009": Known(
        "the keys do not open",
        "Give the secret they were sealed under: systemd's credential, or MITHAQ_SECRET_FILE.",
    ),
    "mithaq.E010": Known(
        "a certificate of the line has ended", "`mithaq keys rotate tls` on the node whose it is, and pair again."
    ),
    "mithaq.E011": Known("a port cannot be used", "Stop the program that has it, or name another port in node.toml."),
    "mithaq.E012": Known("the node is served and does not answer", "Look at its journal; stop it and start it again."),
    "mithaq.E013": Known("a folder cannot be written", "Give it to the node's user, and mount its device for writing."),
    "mithaq.E014": Known(
        "the record is not this party's", "Give the folder that belongs to `party`, or its own database, in node.toml."
    ),
    "mithaq.E015": Known("there is next to no room", "Make room now: nothing can be filed or received without."),
    "mithaq.E016": Known(
        "a link was stopped over a contradiction", "`mithaq record evidence`, and call the other side's operator."
    ),
    "mithaq.E017": Known(
        "the database says that something is committed before it is on the disk",
        "Set fsync, full_page_writes and synchronous_commit to on, in postgresql.conf and for the node's role.",
    ),
    "mithaq.E018": Known(
        "a certificate or a card of the line cannot be read",
        "Our own: put it back from where the keys are kept. A counterpart's card: from the last backup, or pair again.",
    ),
    "mithaq.W001": Known(
        "the fence is on the data's device",
        "Set `fence` in node.toml to a folder on another device, or a database of another cluster, that no backup of"
        " the data covers.",
    ),
    "mithaq.W002": Known(
        "officers' passwords cross in the clear", "Put a TLS proxy before the desk and set https = true."
    ),
    "mithaq.W003": Known(
        "the keys of texts and exact places are on the data's device",
        "Set `body_keys` in node.toml to a folder on another device that no backup covers.",
    ),
    "mithaq.W004": Known(
        "the secret that opens the node's keys is on the data's device",
        "Give it as a systemd credential, or set MITHAQ_SECRET_FILE to a file on another device.",
    ),
    "mithaq.W005": Known(
        "the node has no alarm of its own", "Set `alarm` in node.toml to a command that wakes somebody."
    ),
    "mithaq.W006": Known(
        "a password alone opens the desks of some roles", "Name the roles under `second_factor` in node.toml."
    ),
    "mithaq.W007": Known(
        "the party's directory does not answer",
        "Look at [directory] in node.toml: address, certificate, account, and the way there.",
    ),
    "mithaq.W008": Known(
        "nothing keeps this machine's clock right", "Let it follow a time server of the house; see time."
    ),
    "mithaq.W009": Known(
        "a certificate of the line ends soon", "`mithaq keys rotate tls` on the node whose it is, and pair again."
    ),
    "mithaq.W010": Known("the tables are of an older program", "Take a backup; `mithaq serve` brings them up."),
    "mithaq.W011": Known("there is no backup of today", "`mithaq backup`, or start mithaq-backup@.timer."),
    "mithaq.W012": Known("room is getting short", "Make room, or move what is not the node's to another disk."),
    "mithaq.W013": Known("other users can enter the data folder", "chmod 700 the folder."),
    "mithaq.W014": Known(
        "this is not the user to whom the folder belongs", "Give commands as that user: what root writes, it cannot."
    ),
    "mithaq.W015": Known(
        "a counterpart has not been heard", "Call its operator; look at the line, `[[peers]]` and the firewalls."
    ),
    "mithaq.W016": Known("the node is not paired", "`mithaq pair` shows our card and takes theirs."),
    "mithaq.W017": Known(
        "several servers are named under `database`, and the one that takes writes waits for no standby",
        "Set synchronous_standby_names, and synchronous_commit to on; see standby.",
    ),
}


def found(id: str, message: str) -> CheckMessage:
    """A finding of that id; `message` says what was found here."""
    level = ERROR if id.startswith("mithaq.E") else WARNING
    return CheckMessage(level, message, hint=FINDINGS[id].remedy, id=id)
