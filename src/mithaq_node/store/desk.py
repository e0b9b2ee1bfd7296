"""Rows of the desk: officers of this party, drafts until they are released, and templates to begin drafts from.

Nothing here ever leaves the node. An officer's row holds a pseudonymous key name, which is all that the other side
sees of them; a draft's row holds what was typed until the release, and then only who filed, who released and where the
notice stands in the log, because the parts of a notice are kept and erased in one place.
"""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q


class Role(models.TextChoices):
    """What an officer may do; one officer has one role."""

    DUTY = "duty"
    RELEASING = "releasing"
    SECRETARIAT = "secretariat"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    INTEGRATOR = "integrator"
    OBSERVER = "observer"


class DraftState(models.TextChoices):
    """The life of a draft. The allowed moves are `mithaq_node.services.moves`."""

    BEGUN = "begun"
    FILED = "filed"
    HANDED_BACK = "handed-back"
    RELEASED = "released"


class Officers(BaseUserManager["Officer"]):
    """Officers by the name they sign in with."""

    def get_by_natural_key(self, username: str | None) -> "Officer":
        return self.get(name=username)


class Officer(AbstractBaseUser):
    """Someone of this party who may sign in. `name` is an office or a post, never published."""

    name = models.CharField(max_length=80, unique=True)
    role = models.CharField(max_length=16, choices=Role.choices)
    authority = models.CharField(max_length=64, blank=True)
    """The desk: an authority of this party in the law; empty where the officer serves the whole party."""
    key_name = models.CharField(max_length=255, unique=True)
    """`<party domain>/officer/<n>`: the name that signatures carry."""
    public_key = models.BinaryField(max_length=32)
    possession = models.BinaryField(max_length=64)
    """The key's signature over its own name, for the key-set (`mithaq.notices.keys.possession`)."""
    wrapped_key = models.BinaryField()
    """The private key under the officer's own password (`mithaq_node.keystore.wrapping`)."""
    is_active = models.BooleanField(default=True)
    directory = models.CharField(max_length=200, blank=True)
    """The name by which the party's own directory (LDAP) knows the officer; empty where the password is kept here."""

    USERNAME_FIELD = "name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[Officers] = Officers()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="officer_role_known", condition=Q(role__in=Role.values)),
            models.UniqueConstraint(
                name="one_officer_for_a_directory_name", fields=["directory"], condition=~Q(directory="")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """A notice of this party before it is one. `id` becomes the notice's own."""

    id = models.CharField(primary_key=True, max_length=32)
    kind = models.CharField(max_length=80)
    audience = models.CharField(max_length=40, default="all")
    precedence = models.CharField(max_length=16)
    references = models.JSONField(default=list)
    """A list of `{"log", "id"}`."""
    content = models.JSONField(default=dict)
    """Field to value, as far as what was typed could be read; emptied at release."""
    typed = models.BinaryField(default=b"")
    """JSON of what stands in the inputs, word for word; empty where no form was typed into, and after release."""
    unread = models.JSONField(default=list)
    """Names of the fields in which something is typed that is no value of theirs: nothing is filed before they are."""
    form = models.CharField(max_length=16, blank=True)
    """The form of the kind that was typed into (`mithaq_node.services.drafting.form_of`); empty where none was."""
    revision = models.PositiveIntegerField(default=0)
    """Counts the changes, so that a page that was opened before the last one is noticed."""
    remark = models.CharField(max_length=400, blank=True)
    """Between officers of this party; never travels."""
    state = models.CharField(max_length=16, choices=DraftState.choices, default=DraftState.BEGUN)
    begun_by = models.ForeignKey(Officer, models.PROTECT, related_name="begun")
    changed_at = models.DateTimeField()
    filed_by = models.ForeignKey(Officer, models.PROTECT, related_name="filed", null=True)
    filed_at = models.DateTimeField(null=True)
    header = models.BinaryField(default=b"")
    """The canonical header as filed: what the first officer signed, and the signature."""
    released_by = models.ForeignKey(Officer, models.PROTECT, related_name="released", null=True)
    released_at = models.DateTimeField(null=True)
    entry = models.BigIntegerField(null=True)
    """Where the released notice stands in this party's log."""

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="two_officers",
                condition=Q(released_by__isnull=True) | Q(filed_by__isnull=True) | ~Q(released_by=F("filed_by")),
            ),
            models.CheckConstraint(name="draft_state_known", condition=Q(state__in=DraftState.values)),
            models.CheckConstraint(
                name="released_has_its_entry",
                condition=~Q(state=DraftState.RELEASED) | Q(entry__isnull=False, released_by__isnull=False),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "changed_at"], name="draft_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Template(models.Model):
    """What was typed into a form of a kind, kept under a name to begin other drafts from. It never leaves the node."""

    kind = models.CharField(max_length=80)
    name = models.CharField(max_length=80)
    typed = models.BinaryField()
    """JSON of what stood in the inputs."""
    precedence = models.CharField(max_length=16)
    made_by = models.ForeignKey(Officer, models.PROTECT, related_name="templates")
    shared = models.BooleanField(default=False)
    """Whether every officer of the desk has it, or only whoever made it."""
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["kind", "name"], condition=Q(shared=True), name="template_name_of_the_desk"
            ),
            models.UniqueConstraint(
                fields=["kind", "name", "made_by"], condition=Q(shared=False), name="template_name_of_an_officer"
            ),
        ]
        ordering: ClassVar[list[str]] = ["kind", "name", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class DraftPart(models.Model):
    """A part as compiled and committed to at filing: salt and body, until the release moves them to the record."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    retention = models.CharField(max_length=40)
    salt = models.BinaryField(max_length=32)
    body = models.BinaryField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["draft", "number"], name="draft_part_number"),
        ]
        ordering: ClassVar[list[str]] = ["number"]

    def __str__(self) -> str:
        return f"{self.draft_id}/{self.number}"
