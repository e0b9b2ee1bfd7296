"""Verify evidence of a fork: that the log's key signed two heads which no one list of entries can have.

Evidence that holds is GENUINE or INTACT as any other file is, by whose keys it was checked under: the verdict is about
the file. What the file shows is told beside it. Evidence that shows no fork is BROKEN.
"""

from mithaq.errors import Refusal
from mithaq.record import checkpoint, note
from mithaq_files.fork_file import ForkFile
from mithaq_files.key_chain import KeyChain, Laws
from mithaq_files.trust import Trust
from mithaq_files.verdict import Break, ForkFound, Subject, Verdict


def verify(path: str, found: ForkFile, trust: Trust, laws: Laws) -> Subject:
    """The verdict on evidence of a fork; `laws` are the sealed laws at hand."""
    try:
        return _judge(path, found, trust, laws)
    except Refusal as refusal:
        return Subject(path, Verdict.BROKEN, False, breaks=(Break("", None, refusal),))


def _judge(path: str, found: ForkFile, trust: Trust, laws: Laws) -> Subject:
    origin = checkpoint.parse(note.text_of(found.shown.heads[0])).origin
    chain = KeyChain.under(laws.of(origin, trust), origin, found.keysets, found.roots)
    heads = found.shown.verify(chain.ring().log_verifiers)
    trusted = chain.is_trusted(trust)
    noticed = found.noticed
    return Subject(
        path,
        Verdict.GENUINE if trusted else Verdict.INTACT,
        trusted,
        demo=chain.sealed is not None and chain.sealed.law.demo,
        exercise=chain.sealed is not None and chain.sealed.law.exercise,
        law=chain.sealed.law_digest if chain.sealed else "",
        fork=ForkFound(
            origin,
            chain.party,
            found.shown.size,
            (heads[0].size, heads[1].size),
            (heads[0].root.hex(), heads[1].root.hex()),
        ),
        remarks=(f"{noticed.by} says that it noticed this at {noticed.at} as {noticed.code}",),
    )
