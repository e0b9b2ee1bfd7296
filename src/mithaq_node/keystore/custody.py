"""The keys of a node at rest: what it signs with, its TLS key, what opens couriers, what wraps the keys of parts.

Every file is sealed under one key of the folder, and that key under a secret that lies elsewhere. The secret comes, in
this order, from the environment (`MITHAQ_SECRET`), from the file that `MITHAQ_SECRET_FILE` names, from the credential
`mithaq-secret` of systemd, or from the file `<data folder>.secret`, which `mithaq init` makes when there is none of the
others. It is never given on a command line, where every user of the machine could read it.

A root key never lies here. A file is readable by its owner alone (0600, in a folder 0700), which is refused to be
otherwise rather than mended: a key that others could read has to be changed, and a node that quietly tightened the
file would hide that.

    custody.box       the folder's key, wrapped under the secret (`keystore.wrapping`)
    <name>.seed       hexadecimal digits: 24 bytes of nonce, then the seed in XChaCha20-Poly1305, bound to <name>
    <name>.2.seed     the key that follows it (`mithaq keys rotate`), and so on; older ones are kept, because what was
                      signed or sealed under them may still have to be signed or opened again
    tls.key           PKCS#8, encrypted under a password that is derived from the folder's key; opened for the door
                      into a file that lies in memory (`keystore.tls.opened`)
    session.key       signs this machine's cookies; new at every start would do, so it is not sealed
"""

import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt, crypto_aead_xchacha20poly1305_ietf_encrypt
from nacl.exceptions import CryptoError

from mithaq import recipients
from mithaq.errors import Refusal
from mithaq.signing import SEED_BYTES, PrivateKey
from mithaq_node.keystore import wrapping

LOG, COSIGNER, REQUESTS, BODY, STORAGE = "log", "cosigner", "node", "body", "storage"
SEEDS = (LOG, COSIGNER, REQUESTS, BODY)
"""Keys that the party's key-set names."""
SECRETS = (*SEEDS, STORAGE)
"""What a node is founded with: those, and what the keys of erasable parts are wrapped under (`keystore.vault`)."""
TLS, TLS_KEY, TLS_CERTIFICATE = "tls", "tls.key", "tls.crt"
SESSION_KEY = "session.key"
BOX = "custody.box"
SECRET, SECRET_FILE, CREDENTIAL = "MITHAQ_SECRET", "MITHAQ_SECRET_FILE", "mithaq-secret"
_NONCE_BYTES = wrapping.NONCE_BYTES
_MADE_COST = (1, 8)
"""A secret that this program draws has 256 bits: nothing is gained by stretching it."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Keys:
    """The private keys of a node: of each role the newest, and the older ones it still holds."""

    log: PrivateKey
    cosigner: PrivateKey
    node: PrivateKey
    body: PrivateKey
    """What opens bodies sealed to this party: `mithaq.recipients.identity` of it, for age."""
    older: Mapping[str, tuple[PrivateKey, ...]] = field(default_factory=dict, kw_only=True)

    def all(self, role: str) -> tuple[PrivateKey, ...]:
        """Every key of a role, the newest first."""
        newest: PrivateKey = getattr(self, role)
        return (newest, *self.older.get(role, ()))

    def of(self, role: str, public: bytes) -> PrivateKey | None:
        """The key of a role that a key-set registers as `public`; None where this folder does not hold it."""
        registered = recipients.body_key if role == BODY else _public
        return next((key for key in self.all(role) if registered(key) == public), None)


def _public(key: PrivateKey) -> bytes:
    return key.public


def load(folder: Path) -> Keys:
    """The node's keys; refuses a folder or file that another user may read, and a missing or damaged key."""
    check_private(folder)
    held = {role: [read_seed(folder, name) for name in reversed(names(folder, role))] for role in SEEDS}
    return Keys(*(held[role][0] for role in SEEDS), older={role: tuple(held[role][1:]) for role in SEEDS})


def names(folder: Path, role: str) -> list[str]:
    """The names of the keys of a role, the first one first: `log`, `log.2`, `log.3`."""
    found = [role]
    while (folder / f"{role}.{len(found) + 1}.seed").exists():
        found.append(f"{role}.{len(found) + 1}")
    return found


def follow(folder: Path, role: str) -> PrivateKey:
    """Make the key that follows those of `role`; it signs nothing before a key-set names it."""
    return write_seed(folder, f"{role}.{len(names(folder, role)) + 1}", os.urandom(SEED_BYTES))


def check_private(folder: Path) -> None:
    """Refuse a key folder with anything in it that another user of the machine may read or change."""
    try:
        found = [folder, *sorted(folder.iterdir())]
    except OSError as error:
        raise Refusal("keystore.missing", file=folder.name) from error
    for path in found:
        if path.name == TLS_CERTIFICATE:  # public by nature
            continue
        if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            raise Refusal("keystore.readable-by-others", file=path.name)


def read_seed(folder: Path, name: str) -> PrivateKey:
    """The private key kept as `<name>.seed`."""
    path = folder / f"{name}.seed"
    try:
        sealed = bytes.fromhex(path.read_text(encoding="ascii").strip())
        seed = crypto_aead_xchacha20poly1305_ietf_decrypt(
            sealed[_NONCE_BYTES:], name.encode(), sealed[:_NONCE_BYTES], _key_of(folder)
        )
    except FileNotFoundError as error:
        raise Refusal("keystore.missing", file=path.name) from error
    except (OSError, ValueError, TypeError, CryptoError) as error:
        raise Refusal("keystore.damaged", file=path.name) from error
    return PrivateKey.from_seed(seed)


def write_seed(folder: Path, name: str, seed: bytes) -> PrivateKey:
    """Keep a new private key as `<name>.seed`; never over one that is there."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(seed, name.encode(), nonce, _key_of(folder))
    write_private(folder / f"{name}.seed", sealed.hex().encode() + b"\n")
    return PrivateKey.from_seed(seed)


def tls_password(folder: Path) -> str:
    """What opens the TLS key of this folder."""
    return hashlib.sha256(b"mithaq/tls-password/v1\0" + _key_of(folder)).hexdigest()


def write_private(path: Path, content: bytes) -> None:
    """A new file that only its owner can read, durable when this returns."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Refusal("keystore.exists", file=path.name) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink()
        raise


def make_folder(folder: Path) -> None:
    """A folder that only its owner can enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def begin(folder: Path) -> None:
    """The folder of a node's keys, with a key of its own under the secret; draws a secret where none is given."""
    make_folder(folder)
    beside, cost = secret_beside(folder), (wrapping.PASSES, wrapping.MEMORY_KIB)
    if _given_secret() is None and not beside.exists():
        _draw_secret(beside)
        cost = _MADE_COST
    salt, nonce = os.urandom(wrapping.SALT_BYTES), os.urandom(_NONCE_BYTES)
    boxed = wrapping.wrap(os.urandom(SEED_BYTES), _secret(folder), BOX, salt=salt, nonce=nonce, cost=cost)
    write_private(folder / BOX, boxed.hex().encode() + b"\n")


def change_secret(folder: Path, fresh: str) -> None:
    """Put the folder's key under another secret; the keys themselves stay as they are."""
    salt, nonce = os.urandom(wrapping.SALT_BYTES), os.urandom(_NONCE_BYTES)
    cost = (wrapping.PASSES, wrapping.MEMORY_KIB)
    boxed = wrapping.wrap(_key_of(folder), fresh, BOX, salt=salt, nonce=nonce, cost=cost)
    beside = folder / f"{BOX}.new"
    beside.unlink(missing_ok=True)
    write_private(beside, boxed.hex().encode() + b"\n")
    beside.replace(folder / BOX)


def secret_beside(folder: Path) -> Path:
    """The file of the secret where nothing else gives it: beside the data folder, so in no backup of it."""
    data = folder.resolve().parent
    return data.with_name(f"{data.name}.secret")


def is_secret_beside(folder: Path) -> bool:
    """Whether this node's secret is in the file beside its data folder."""
    return _given_secret() is None and secret_beside(folder).exists()


def _given_secret() -> str | None:
    """The secret from the environment, from a file it names, or from systemd's credentials."""
    if os.environ.get(SECRET):
        return os.environ[SECRET]
    if os.environ.get(SECRET_FILE):
        return _read_secret(Path(os.environ[SECRET_FILE]))
    credential = Path(os.environ.get("CREDENTIALS_DIRECTORY", os.devnull)) / CREDENTIAL
    return _read_secret(credential) if credential.exists() else None


def _secret(folder: Path) -> str:
    given = _given_secret()
    return _read_secret(secret_beside(folder)) if given is None else given


def _read_secret(path: Path) -> str:
    try:
        found = path.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("keystore.no-secret", file=str(path)) from error
    if not found:
        raise Refusal("keystore.no-secret", file=str(path))
    return found


def _draw_secret(path: Path) -> None:
    try:
        write_private(path, secrets.token_hex(SEED_BYTES).encode() + b"\n")
    except PermissionError as error:
        raise Refusal("keystore.no-secret", file=str(path)) from error


def _key_of(folder: Path) -> bytes:
    """The key under which every file of this folder is sealed."""
    try:
        boxed = (folder / BOX).read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise Refusal("keystore.missing", file=BOX) from error
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("keystore.damaged", file=BOX) from error
    return _opened(boxed, _secret(folder))


@lru_cache(maxsize=16)
def _opened(boxed: str, secret: str) -> bytes:
    """Opened once per process: a secret of the operator's own is slow to try, on purpose."""
    try:
        return wrapping.unwrap(bytes.fromhex(boxed.strip()), secret, BOX)
    except ValueError as error:
        raise Refusal("keystore.damaged", file=BOX) from error
