"""A case as the desk hands it out: one file with the paper, the proofs, the sealed instrument and the verifier."""

from django.http import HttpResponse

from mithaq_files import case as files
from mithaq_files.case import Case
from mithaq_node import queries
from mithaq_node.services import reads
from mithaq_node.store.models import Officer
from mithaq_node.web.papers import certificate


def taken(officer: Officer, case: Case, paper: bytes) -> HttpResponse:
    """The file, after it was written down who takes it away."""
    law, name = queries.law(), f"{certificate.file_name(case.said.incident)}.case.zip"
    content = files.encode(case, paper, files.standalone(), demo=law.demo, exercise=law.exercise)
    reads.paper_taken(officer, name)
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/zip", headers=named)
