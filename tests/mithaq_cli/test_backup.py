"""Two real nodes: one is set back to a backup, stays silent until the other has told it what it signed, and goes on."""

from pathlib import Path

import pytest

from tests.mithaq_cli.two_nodes import NodeFolder, pair, until
from tests.mithaq_node import meadow
from tests.papers import Paper


def numbers(node: NodeFolder, party: str) -> list[str]:
    return [leaf["number"] for leaf in node.leaves(party)]


@pytest.mark.runs("docs/how-to/backup-and-restore.md", "mithaq backup", "mithaq restore", "mithaq recover")
def test_a_node_restored_from_a_backup_reads_back_what_it_signed_since_and_releases_nothing_before(
    paper: Paper, tmp_path: Path
) -> None:
    with pair(tmp_path) as nodes:
        ml, rl = nodes["ML"], nodes["RL"]
        fill = {"/srv/mithaq": str(ml.data), "/mnt/backup": str(tmp_path)}
        (take,) = paper.commands("mithaq backup", fill=fill)
        restore, check, serve = paper.commands("mithaq restore", fill=fill)
        (recover,) = paper.commands("mithaq recover", fill=fill)
        with rl.serving(), ml.serving():
            until(lambda: numbers(rl, "ML"))
            ml.give(take)
            assert "node.already-running" in ml.give(restore, code=2)
            released = ml.file_and_release("incident.initial", meadow.INCIDENT)
            theirs = rl.file_and_release("incident.initial", meadow.INCIDENT)
            until(lambda: released in numbers(rl, "ML") and theirs in numbers(ml, "RL"))
            until(lambda: ml.mithaq("record", "export", "--instrument", meadow.NAME, "--out", str(tmp_path / "x")))
            signed = numbers(rl, "ML")
        ml.give(restore)
        assert (ml.data / "before-restore-1" / "node.sqlite3").exists()
        assert released not in numbers(ml, "ML")
        ml.give(check)
        ml.give(serve)
        try:
            with pytest.raises(AssertionError, match=r"fence\.restored"):
                ml.file_and_release("incident.initial", meadow.INCIDENT)
            assert "fence.restored" in ml.give(recover, code=2)
            with rl.serving():
                until(lambda: set(signed) <= set(numbers(ml, "ML")) and _is_sure(ml))
                later = ml.file_and_release("incident.initial", meadow.INCIDENT)
                until(lambda: later in numbers(rl, "ML"))
                until(lambda: theirs in numbers(ml, "RL"))
                assert ml.mithaq("notice", "show", released)["parts"]["facts"]["event"] == "fire"
                assert "fence" not in ml.give(recover)
        finally:
            ml.stop()


def _is_sure(node: NodeFolder) -> bool:
    try:
        return bool(node.mithaq("recover")["doubt"] == "")
    except AssertionError:
        return False
