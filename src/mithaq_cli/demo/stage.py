"""The stage: both nodes running, the line between them, the hands that act, and how far the story has come."""

import secrets
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from mithaq.errors import Fault, Refusal
from mithaq.instrument.sealing import Sealed, seal
from mithaq.notices import registering
from mithaq.record import note
from mithaq.signing import SEED_BYTES
from mithaq_cli.demo.folder import PARTIES, Folder, Ports
from mithaq_cli.demo.hands import Hand
from mithaq_cli.demo.line import Line
from mithaq_cli.demo.processes import Watched, python
from mithaq_cli.demo.story import Progress
from mithaq_files.instrument import library, read_folder, read_sealed, write_sealed
from mithaq_files.roots import read_root, write_root

ROLES = ("duty", "releasing", "secretariat", "auditor", "operator")
_AUTHORITIES = {
    "duty": "border-guard",
    "releasing": "national-security",
    "secretariat": "joint-secretariat",
    "auditor": "national-security",
    "operator": "national-security",
}
_NAMES = {
    "IQ": {
        "duty": "ضابط مناوب",
        "releasing": "ضابط الإصدار",
        "secretariat": "أمانة اللجنة",
        "auditor": "مدقق السجل",
        "operator": "مشغّل العقدة",
    },
    "IR": {
        "duty": "افسر نگهبان",
        "releasing": "افسر صدور",
        "secretariat": "دبیرخانهٔ کمیته",
        "auditor": "ممیز دفتر",
        "operator": "کارور گره",
    },
}
"""Officers sign in by post, never by a person's name."""
_DESKS = {
    "IQ": (("border-guard", "غرفة المناوبة", "duty"), ("border-ports", "مكتب المنافذ", "secretariat")),
    "IR": (("border-guard", "اتاق نگهبانی", "duty"), ("border-ports", "میز گذرگاه‌ها", "secretariat")),
}
"""Authority, name, and whose role sits there; the first is the main desk."""
_LANGUAGES = {"IQ": "ar", "IR": "fa"}
_START_PATIENCE = 60.0


class Account(msgspec.Struct, frozen=True):
    """A name and a password of a desk; the demonstration makes new passwords each time."""

    name: str
    password: str


class Stage:
    """Everything that runs in a demonstration. `open` builds or resumes it, `close` stops it."""

    def __init__(self, folder: Folder, ports: Ports) -> None:
        self.folder, self.ports = folder, ports
        self.progress = Progress.load(folder.story)
        self.accounts: dict[str, dict[str, Account]] = {}
        self.hands = {party: Hand(folder.node(party), folder.log(f"hand-{party}")) for party in PARTIES}
        self.nodes: dict[str, Watched] = {}
        self.lines = {party: Line(ports.line(party), ports.door(party)) for party in PARTIES}
        self._lock = threading.RLock()

    def open(self) -> None:
        """Make both nodes where there are none, and start them; returns when their pages answer."""
        if not self.progress.ready:
            self.folder.empty()
            self._build()
            self.progress = Progress.begun()
            self.save()
        self.accounts = self._read_accounts()
        self.start_nodes()

    def close(self) -> list[int]:
        """Stop everything; what the nodes ended with."""
        codes = self.stop_nodes()
        for line in self.lines.values():
            line.close()
        return codes

    def reset(self) -> None:
        """Forget the story and both nodes, and stand again where it begins; names and passwords stay."""
        self.stop_nodes()
        self.mend()
        self.folder.empty()
        self.progress = Progress()
        self.open()

    def save(self) -> None:
        self.progress.save(self.folder.story)

    # The nodes.

    def start_nodes(self) -> None:
        for party in PARTIES:
            self.nodes[party] = Watched(
                party,
                python("-m", "mithaq_cli", "serve", "--data", str(self.folder.node(party))),
                {"PYTHONUNBUFFERED": "1"},
                self.folder.log(f"node-{party}"),
            )
        for party in PARTIES:
            self.wait_for(party)

    def stop_nodes(self) -> list[int]:
        for hand in self.hands.values():
            hand.stop()
        with ThreadPoolExecutor() as pool:
            codes = list(pool.map(lambda node: node.stop(), self.nodes.values()))
        self.nodes.clear()
        return codes

    def wait_for(self, party: str) -> None:
        """Until the pages of a node answer."""
        url = f"http://127.0.0.1:{self.ports.pages(party)}/"
        waited_until = time.monotonic() + _START_PATIENCE
        while time.monotonic() < waited_until:
            try:
                urllib.request.urlopen(url, timeout=5).close()
                return
            except urllib.error.HTTPError as answer:
                answer.close()
                return
            except OSError:
                time.sleep(0.05)
        raise Fault("the pages of a node", "no answer", f"see {self.folder.log(f'node-{party}')}")

    def page(self, party: str) -> str:
        return f"http://localhost:{self.ports.pages(party)}"

    # The line.

    def cut(self) -> None:
        for line in self.lines.values():
            line.cut()

    def mend(self) -> None:
        for line in self.lines.values():
            line.mend()

    @property
    def whole(self) -> bool:
        return all(line.whole for line in self.lines.values())

    # The story's time.

    @property
    def ahead(self) -> int:
        """Seconds by which the story's time runs ahead of the machine's."""
        return int(self.folder.clock.read_text()) if self.folder.clock.exists() else 0

    def advance(self, seconds: int) -> None:
        """Set the story's clock forward; it never goes back, because the moments in a log never do."""
        fresh = self.folder.clock.with_suffix(".new")
        fresh.write_text(str(self.ahead + seconds))
        fresh.replace(self.folder.clock)

    # Seals. At a real party these keys and this folder are elsewhere.

    def sealed(self) -> Sealed:
        """The instrument as the parties hold it away from their nodes."""
        return read_sealed(self.folder.root / "instrument")

    def seal(self, party: str) -> None:
        """Put the party's seal on the instrument, and carry it to both nodes."""
        sealed = self.sealed()
        for path in self._roots(party):
            sealed = seal(sealed, party, *read_root(path))
        write_sealed(self.folder.root / "instrument", sealed)
        assert sealed.law_note is not None
        assert sealed.words_note is not None
        for hand in self.hands.values():
            hand.ask("adopt", law_note=sealed.law_note.decode(), words_note=sealed.words_note.decode())

    def signed_by_roots(self, party: str, text: str) -> str:
        """A key-set, signed by the party's root keys."""
        draft = registering.read(text.encode())
        for path in self._roots(party):
            draft = registering.sign(draft, *read_root(path))
        return draft.encode().decode()

    # Asking both at once.

    def settle(self, seconds: float = 30.0) -> None:
        """Wait until each node holds, and has cosigned, all that the other has."""
        self.until(self._settled, seconds, "both nodes to hold the same")

    def until(self, reached: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until something is so."""
        waited_until = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > waited_until:
                raise Fault(what, f"nothing of it within {seconds:.0f} s", f"see {self.folder.log('').parent}")
            time.sleep(0.1)

    def _settled(self) -> bool:
        first, second = (self.hands[party].ask("standing") for party in PARTIES)
        return bool(first["sizes"] == second["sizes"] == first["cut"] == second["cut"])

    # Building.

    def _build(self) -> None:
        for party in PARTIES:
            self.folder.roots(party).mkdir(parents=True, mode=0o700)
        self._compile()
        self.folder.clock.write_text("0")
        accounts = self.accounts or {
            party: {role: Account(_NAMES[party][role], secrets.token_urlsafe(12)) for role in ROLES}
            for party in PARTIES
        }
        path = self.folder.root / "accounts.json"
        path.touch(mode=0o600)
        path.write_bytes(msgspec.json.encode(accounts))
        with ThreadPoolExecutor() as pool:
            list(pool.map(self._make_node, PARTIES, accounts.values()))

    def _compile(self) -> None:
        """The instrument with the root keys of this demonstration in it, sealed by nobody."""
        from mithaq.instrument.compiling import compile as compile_instrument

        files = dict(read_folder(instruments() / "iraq-iran-2025"))
        parties = compile_instrument(files, library()).law.parties
        for party in parties:
            vkeys = []
            for number in range(1, party.threshold + 1):
                name = f"{party.domain}/root/{number}"
                path = self.folder.roots(party.code) / f"root-{number}"
                key = write_root(path, name, secrets.token_bytes(SEED_BYTES))
                vkeys.append(note.Verifier(name, note.ED25519, key.public).vkey())
            files[f"roots/{party.code}.keys"] = "".join(f"{vkey}\n" for vkey in vkeys).encode()
        compiled = compile_instrument(files, library())
        folder = self.folder.root / "instrument"
        folder.mkdir()
        write_sealed(folder, Sealed.open(compiled.law_bytes, compiled.words_bytes))
        trusted = [vkey for party in compiled.law.parties for vkey in party.roots]
        (self.folder.root / "trust").write_text("".join(f"{vkey}\n" for vkey in trusted))

    def _make_node(self, party: str, accounts: dict[str, Account]) -> None:
        status, said = self.run(
            "init", "--demo",
            "--instrument", str(self.folder.root / "instrument"), "--party", party,
            "--data", str(self.folder.node(party)),
            "--port", str(self.ports.pages(party)), "--peer-port", str(self.ports.door(party)),
            "--peer-host", "127.0.0.1", "--url", f"https://localhost:{self.ports.line(party)}",
            "--fence", str(self.folder.fence(party).resolve()),
            "--language", _LANGUAGES[party], "--demo-clock", str(self.folder.clock.resolve()),
        )  # fmt: skip
        if status != 0:
            raise Refusal("demo.node-not-made", party=party, reason=said.strip()[-400:])
        for role, account in accounts.items():
            self.hands[party].ask(
                "create_officer", name=account.name, role=role, secret=account.password, authority=_AUTHORITIES[role]
            )
        named = [(authority, name, accounts[role].name) for authority, name, role in _DESKS[party]]
        self.hands[party].ask("set_desks", desks=named)

    def _roots(self, party: str) -> list[Path]:
        return sorted(self.folder.roots(party).iterdir())

    def _read_accounts(self) -> dict[str, dict[str, Account]]:
        return msgspec.json.decode(
            (self.folder.root / "accounts.json").read_bytes(), type=dict[str, dict[str, Account]]
        )

    def forget_exports(self) -> None:
        shutil.rmtree(self.folder.exports, ignore_errors=True)
        self.folder.exports.mkdir()

    def run(self, *arguments: str) -> tuple[int, str]:
        """A command of `mithaq` as anyone would type it: its exit status and what it printed."""
        done = subprocess.run(
            python("-m", "mithaq_cli", *arguments), capture_output=True, text=True, encoding="utf-8", check=False
        )
        return done.returncode, done.stdout if done.returncode == 0 or done.stdout else done.stderr


def instruments() -> Path:
    """The instruments that came with the distribution, or those beside the sources."""
    installed = Path(__file__).parents[1] / "instruments"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "instruments"


def plain(value: Any) -> Any:
    """A value that JSON can say."""
    return msgspec.to_builtins(value)
