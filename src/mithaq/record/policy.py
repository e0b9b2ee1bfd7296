"""Which keys somebody who never met us is to trust, as a file of C2SP tlog-policy.

    log <verifier key> [url]
    witness <name> <verifier key> [url]
    group <name> <k | any | all> <member>…
    quorum <name | none>

We write such a file for a log, with everybody who cosigns it in one group of all; and read the `log` lines of one,
which is what a witness has to know.
"""

from collections.abc import Sequence

from mithaq.errors import Refusal
from mithaq.record import note

OTHERS = "others"
_WORDS = frozenset({"log", "witness", "group", "quorum"})


def compile(log: note.Verifier, cosigners: Sequence[note.Verifier]) -> bytes:
    """The policy for one log: its head counts when all of `cosigners` have cosigned it."""
    lines = [f"log {log.vkey()}", *(f"witness {each.name} {each.vkey()}" for each in cosigners)]
    if cosigners:
        lines.append(" ".join(["group", OTHERS, "all", *(each.name for each in cosigners)]))
    lines.append(f"quorum {OTHERS if cosigners else 'none'}")
    return "".join(f"{line}\n" for line in lines).encode()


def logs_in(policy: bytes) -> tuple[note.Verifier, ...]:
    """The keys of the logs in a policy; refuses what is none (`policy.malformed`)."""
    try:
        lines = [line.split() for line in policy.decode().split("\n") if line.strip() and not line.startswith("#")]
    except UnicodeDecodeError as error:
        raise Refusal("policy.malformed") from error
    if any(words[0] not in _WORDS or len(words) < 2 for words in lines):
        raise Refusal("policy.malformed")
    found = tuple(note.Verifier.parse(words[1]) for words in lines if words[0] == "log")
    if any(each.kind != note.ED25519 for each in found):
        raise Refusal("policy.malformed")
    return found
