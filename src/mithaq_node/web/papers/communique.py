"""The paper of a common text that all have sealed: its languages in facing columns, and who sealed it.

Nothing in the paper proves itself; the proofs of every seal are attached to it, the words in the proof of the notice
that put the text forward. Anybody takes them out and checks them with `mithaq verify`.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from mithaq.followup.texts import number_of_paragraphs, paragraph
from mithaq.instrument import alternat
from mithaq_node import queries
from mithaq_node.queries.incidents import NoticeView
from mithaq_node.services.casing import GatheredText
from mithaq_node.web.papers import saying, setting
from mithaq_node.web.papers.saying import spoken
from mithaq_node.web.reader import Reader

TEMPLATE = "communique.typ"


def paper(gathered: GatheredText, language: str, *, attach: bool = True) -> bytes:
    """The PDF of a sealed text in one of the desk's languages; `attach` its proofs where they do not lie beside it."""
    with translation.override(language):
        said = values(gathered, saying.reader_in(language), attach=attach)
        return setting.pdf(TEMPLATE, said, gathered.case.proofs if attach else None)


def values(gathered: GatheredText, reader: Reader, *, attach: bool = True) -> dict[str, Any]:
    """What the template, or the page for reading, shows."""
    text, words, said = gathered.view.text, gathered.words, gathered.case.said
    languages = alternat.own_first(reader.law.authentic, settings.NODE.language)
    final = gathered.sealing[0]
    return {
        **saying.frame(reader),
        "title": reader.label(f"code.text-matter.{text.matter}"),
        "number": spoken(reader, text.number),
        "made": _("Made by %(party)s, which says that it was %(moment)s") % {
            "party": saying.party(reader, said.by), "moment": reader.moment(said.at)},
        "columns": len(languages),
        "paragraphs": [
            {"number": reader.digits(each), "words": [_column(code, paragraph(words, each)) for code in languages]}
            for each in range(1, number_of_paragraphs(words) + 1)
        ],
        "seals": {
            "title": _("Seals"),
            "said": _("Each stands under the same commitments, signed by two officers of its party."),
            "head": [_("Party"), _("Notice"), _("Moment, as stated"), _("Signed by")],
            "rows": [_seal(reader, each) for each in gathered.sealing],
        },
        "parts": {
            "title": _("Parts and their commitments"),
            "head": [_("Notice"), _("Class"), _("Bytes"), _("In this file"), _("Commitment")],
            "rows": [saying.part(reader, final, each, {part.number for part in final.parts}) for each in final.parts],
        },
        "law": {"title": _("The sealed law"), "digest": said.law, "fingerprint": queries.sealed().fingerprint},
        "proofs": {
            "title": _("The proofs"),
            "said": _("They are attached to this file. Take them out and check them, without any node:")
            if attach
            else _("They lie beside this file. Check them, without any node:"),
            "files": sorted(gathered.case.proofs),
        },
        "attached": sorted(gathered.case.proofs) if attach else [],
        "not_shown": {"title": _("Not shown by this"), "rows": saying.not_shown()},
    }  # fmt: skip


def _column(language: str, words: Mapping[str, str]) -> dict[str, str]:
    return {"code": language, "direction": saying.direction(language), "words": words[language]}


def _seal(reader: Reader, view: NoticeView) -> list[str]:
    told = view.notice
    return [
        saying.party(reader, told.party),
        spoken(reader, told.number),
        reader.moment(told.at),
        "\n".join(view.officers),
    ]
