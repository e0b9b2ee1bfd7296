"""The page for the safe: what a party needs to begin again from nothing, with room for what only hands may write.

It opens nothing: names, places and fingerprints stand on it, and no secret. What must never be written on it, and never
be photographed with it, it says itself.
"""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from mithaq_node import queries
from mithaq_node.services.safekeeping import Kept
from mithaq_node.web.papers import saying, setting
from mithaq_node.web.reader import Reader

TEMPLATE = "safe.typ"


def paper(kept: Kept, language: str) -> bytes:
    """The PDF of the page in one of the desk's languages."""
    with translation.override(language):
        return setting.pdf(TEMPLATE, _values(kept, saying.reader_in(language)))


def _values(kept: Kept, reader: Reader) -> dict[str, Any]:
    return {
        **saying.frame(reader),
        "title": _("Page for the safe"),
        "number": queries.own_party().code,
        "made": _("Made by %(party)s, which says that it was %(moment)s") % {
            "party": saying.party(reader, queries.own_party().code), "moment": reader.moment(str(kept.at))},
        "opens_nothing": _("This page opens nothing. It holds names, places and fingerprints; with it and what it "
                           "names, this party begins again when its machine is gone."),
        "fingerprints": {"title": _("What is read aloud"), "rows": _fingerprints(kept, reader)},
        "roots": {
            "title": _("Root keys"),
            "said": _("%(threshold)s of these must sign. Each lies on a medium of its own, in a safe, on no node.") % {
                "threshold": reader.digits(str(kept.threshold))},
            "head": [_("Key"), _("Its words"), _("Where it lies, and who holds it")],
            "rows": [[each.name, each.words[reader.language]] for each in kept.roots],
        },
        "places": {"title": _("Where things lie"), "rows": _places(kept, reader)},
        "by_hand": {"title": _("To be written by hand"), "rows": [
            _("Where the copy of the folder keys lies"),
            _("Where the secret of the node lies, and who holds it"),
            _("Where the newest copies of the backup lie, outside this building"),
            _("Digest of the bundle (sha256sum), and where the bundle lies"),
            _("Telephone of the counterpart's operator"),
            _("Day, and both who filled this in"),
        ]},
        "never": {"title": _("What never stands here, and is never photographed"), "rows": [
            _("the file of a root key, or a picture of its medium while it is open"),
            _("the secret that opens the node's keys"),
            _("an officer's password, or the codes on paper for a second factor"),
            _("the inside of the safe with the media in it: who sees where they lie together can take them together"),
        ]},
        "again": {"title": _("To begin again"), "rows": _again()},
    }  # fmt: skip


def _fingerprints(kept: Kept, reader: Reader) -> list[list[str]]:
    return [
        [_("Fingerprint of the sealed instrument"), kept.instrument],
        [_("Fingerprint of our card"), kept.card],
        [_("Our card in words"), kept.words[reader.language]],
    ]


def _places(kept: Kept, reader: Reader) -> list[list[str]]:
    backup = reader.moment(str(kept.backup)) if kept.backup else _("never")
    return [
        [_("Data"), str(kept.data)],
        [_("Fence"), kept.fence],
        [_("Keys of texts and exact places"), str(kept.body_keys)],
        [_("Database"), kept.database],
        [_("Secret of the node"), kept.secret or _("given to the service, in no file of the node")],
        [_("Our door"), kept.url],
        [_("Version of the program"), kept.version],
        [_("Last backup"), backup],
    ]


def _again() -> list[list[str]]:
    """Each step in words, and its command where there is one."""
    return [
        [_("Tell the counterpart's operator by telephone. Nothing is signed for us meanwhile."), ""],
        [_("Install the same version from the bundle, and compare its digest."), "./install"],
        [_("Mount the fence as it is. It is carried, never copied."), ""],
        [_("Put the folder keys into an empty data folder, and give the secret."), "MITHAQ_SECRET_FILE"],
        [_("Restore the newest backup."), "mithaq restore --data DIR --from FILE"],
        [_("Look whether all is well, and serve."), "mithaq doctor --data DIR; mithaq serve --data DIR"],
        [_("Read back from the counterpart what the backup lacks."), "mithaq recover --data DIR"],
        [_("Where keys are lost, the root keys register new ones; where the fence is lost, see the how-to first."),
         "mithaq keys draft --data DIR --out FILE"],
    ]  # fmt: skip
