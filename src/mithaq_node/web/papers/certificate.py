"""The certificate of a notice: what it says and who signed it, how far it has come, and the proof attached to the file.

It says of one notice what the page says of it. What makes it more than a print is the attached proof, which anybody
checks with `mithaq verify` and without a node.
"""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from mithaq_node import queries
from mithaq_node.services.certifying import Certified
from mithaq_node.web.papers import saying, setting
from mithaq_node.web.reader import Reader

TEMPLATE = "certificate.typ"


def paper(certified: Certified, language: str, registry: str = "") -> bytes:
    """The PDF of a certificate in one of the desk's languages, its proof attached. With this party's own `registry`
    number it is a copy for its own file, and says so; the proof is the same."""
    with translation.override(language):
        reader = saying.reader_in(language)
        said = {**_values(certified, reader), "own": _own(reader, registry) if registry else ""}
        return setting.pdf(TEMPLATE, said, {said["proof"]["file"]: certified.proof})


def file_name(number: str) -> str:
    """A spoken number as a name of files: `IQ12-5`; of an exercise `EXERCISE-IQ12-5`."""
    return ("EXERCISE-" if queries.law().exercise else "") + number.replace(" ", "")


def _own(reader: Reader, registry: str) -> str:
    number = f"\u2068{reader.digits(registry)}\u2069"
    return _("Own copy, not to be handed on. Our registry number: %(number)s") % {"number": number}


def _values(certified: Certified, reader: Reader) -> dict[str, Any]:
    view, head = certified.view, certified.head
    root = head.root.hex()
    return {
        **saying.frame(reader),
        "title": _("Certificate of a notice"),
        "number": saying.spoken(reader, view.notice.number),
        "made": _("Made by %(party)s, which says that it was %(moment)s") % {
            "party": saying.party(reader, certified.by), "moment": reader.moment(certified.at)},
        "notice": saying.notice(reader, view, certified.disclosed),
        "says": _("What it says"),
        "ladder": saying.ladder_words(),
        "parts": {
            "title": _("Parts and their commitments"),
            "head": [_("Notice"), _("Class"), _("Bytes"), _("In this file"), _("Commitment")],
            "rows": [saying.part(reader, view, each, certified.disclosed) for each in view.parts],
        },
        "record": {
            "title": _("Where it stands in the record"),
            "rows": [
                [_("Log"), view.notice.log],
                [_("Entry"), str(view.notice.index)],
                [_("Hash of the leaf"), certified.leaf_hash.hex()],
                [_("Entries under the signed head"), str(head.size)],
                [_("Root"), root],
                [_("Held and signed by"), "  ".join(certified.cosigners) or "—"],
                [_("The sealed law"), queries.sealed().law_digest],
            ],
        },
        "proof": {
            "title": _("The proof"),
            "said": _(
                "The proof is attached to this file under the name below. Take it out and check it, without any node:"
            ),
            "file": f"{file_name(view.notice.number)}.tlog-proof",
        },
        "not_shown": {"title": _("Not shown by this"), "rows": saying.not_shown()},
    }  # fmt: skip
