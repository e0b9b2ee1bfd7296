"""Rows of what officers say of the words on the pages: this one is wrong, that one would be right.

They stay on the node. A row names the page by its address in the program, without the notice or incident that was
shown, so it holds nothing of the record.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from mithaq_node.store.desk import Officer

LANGUAGES = ("ar", "fa", "ckb", "en")
LONGEST = 120
"""Characters of a word or of what it should be: a sentence of a page at most."""


class WordRemark(models.Model):
    """One officer's remark on one word, until the operator drops it."""

    at = models.DateTimeField()
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="word_remarks")
    language = models.CharField(max_length=8)
    page = models.CharField(max_length=80)
    """The name of the page's address, such as `watch:show`; never the address itself."""
    word = models.CharField(max_length=LONGEST)
    suggestion = models.CharField(max_length=LONGEST, blank=True)

    class Meta:
        db_table = "word_remark"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="word_remark_language", condition=Q(language__in=LANGUAGES)),
        ]
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.language} {self.page}"
