"""The lists of words in which a fingerprint is read out, one for each language."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

from mithaq import fingerprints
from mithaq_files.refusals import LANGUAGES


@cache
def lists() -> Mapping[str, tuple[str, ...]]:
    """Language (`ar`, `fa`, `ckb`, `en`) to its 256 words, in the order that gives them their places."""
    folder = resources.files("mithaq").joinpath("fingerprints")
    return {name: tuple(folder.joinpath(f"{name}.txt").read_text("utf-8").split()) for name in LANGUAGES}


def in_words(document: bytes) -> dict[str, str]:
    """The fingerprint of a document in every language."""
    return {language: fingerprints.in_words(document, words) for language, words in lists().items()}
