"""API keys of the shops of a deployment, and the secret by which a shop's own server vouches for a shopper.

A publishable key stands in a page for everybody to read: it is worth something only together with the origins that it
names. A secret key stays on a shop's server; only its hash is kept. Both are 192 random bits, so a plain SHA-256 of
one gives nothing away.

AccessError             a request that is turned away; `code` is stable
├── KeyMissing          no_key            no key was sent
├── KeyUnknown          bad_key           none of ours, or revoked
├── ForeignOrigin       foreign_origin    a publishable key on a page that it does not name
├── SecretInBrowser     secret_in_browser a secret key sent by a page: it is no secret any more
└── IdentityForged      forged_identity   the proof does not belong to the shopper's id
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from store.tables import Connection, Where, opened

Kind = Literal["publishable", "secret"]
_PREFIX: dict[str, str] = {"publishable": "pk", "secret": "sk"}
_BYTES = 24
_SEAL = "/seal"  # among the secrets of the shops: no shop is called so
OWN = "self"  # an origin that stands for the pages of the very server that is asked
_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, shop TEXT NOT NULL, label TEXT NOT NULL,
    origins TEXT NOT NULL, token TEXT, made TEXT NOT NULL, revoked TEXT, per_day INTEGER);
CREATE TABLE IF NOT EXISTS vouching (shop TEXT PRIMARY KEY, secret TEXT NOT NULL)
"""


class AccessError(Exception):
    """A request that is turned away. `code` is stable; doors word it in the caller's language."""

    code = "access_error"


class KeyMissing(AccessError):
    code = "no_key"


class KeyUnknown(AccessError):
    code = "bad_key"


class ForeignOrigin(AccessError):
    code = "foreign_origin"


class SecretInBrowser(AccessError):
    code = "secret_in_browser"


class IdentityForged(AccessError):
    code = "forged_identity"


class Key(BaseModel):
    """A key as it is listed. `token`: as it is sent; None for a secret one, which is told once, when it is made.
    `origins`: pages that may use it ("https://shop.example"); `made` and `revoked`: ISO times; `per_day`: messages that
    it may send in a day, where that is not the shop's setting."""

    model_config = ConfigDict(frozen=True)
    id: str
    kind: Kind
    shop: str = ""
    label: str = ""
    origins: tuple[str, ...] = ()
    token: str | None = None
    made: str = ""
    revoked: str | None = None
    per_day: int | None = None


class Keys:
    """The keys of a deployment. Safe from several threads and processes; NotKept where they cannot be had."""

    def __init__(self, where: Where) -> None:
        self._file = opened(where, "keys", _SCHEMA, version=2, upgrade=_upgrade, erasing=True)

    def make(
        self,
        kind: Kind,
        shop: str = "",
        label: str = "",
        origins: Iterable[str] = (),
        per_day: int | None = None,
    ) -> Key:
        """A new key; the `token` of the one returned is told here and, of a secret one, never again.

        Raises ValueError for an origin that is none, and for a publishable key without one."""
        named = tuple(dict.fromkeys(origin(o) for o in origins))
        if kind == "publishable" and not named:
            raise ValueError("a publishable key names the origins of the pages that may use it")
        token = f"{_PREFIX[kind]}_{secrets.token_urlsafe(_BYTES)}"
        key = Key(
            id=secrets.token_hex(4),
            kind=kind,
            shop=shop,
            label=label,
            origins=named,
            token=token,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            per_day=per_day,
        )
        kept = token if kind == "publishable" else None

        def insert(db: Connection) -> None:
            db.execute(
                "INSERT INTO keys (id, hash, kind, shop, label, origins, token, made, per_day) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (key.id, _hash(token), kind, shop, label, json.dumps(named), kept, key.made, per_day),
            )

        self._file.change(insert)
        return key

    def find(self, token: str) -> Key:
        """The key that a token is. Raises KeyMissing for an empty one, KeyUnknown for none of ours or a revoked one."""
        if not token:
            raise KeyMissing
        rows = self._file.read(f"{_SELECT} WHERE hash = ?", (_hash(token),))
        if not rows or rows[0][_REVOKED] is not None:
            raise KeyUnknown
        return _key(rows[0])

    def all(self) -> list[Key]:
        """Every key, revoked ones too, in the order in which they were made."""
        return [_key(row) for row in self._file.read(f"{_SELECT} ORDER BY made, id")]

    def origins(self, shop: str = "") -> frozenset[str]:
        """What any key in force names, of a shop where one is named: pages from which a browser may ask at all."""
        known = (key for key in self.all() if key.revoked is None and (not shop or key.shop == shop))
        return frozenset(o for key in known for o in key.origins)

    def revoke(self, key_id: str) -> bool:
        """Let a key open nothing any more; False where there is none of that id in force."""
        now = datetime.now(UTC).isoformat(timespec="seconds")

        def end(db: Connection) -> int:
            return db.execute(
                "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", (now, key_id)
            ).rowcount

        return self._file.change(end) > 0

    def vouching(self, shop: str = "") -> str:
        """The secret by which the shop's server proves who a shopper is; made when it is first asked for."""
        fresh = secrets.token_urlsafe(_BYTES)

        def get(db: Connection) -> str:
            db.execute("INSERT INTO vouching VALUES (?, ?) ON CONFLICT DO NOTHING", (shop, fresh))
            return str(db.execute("SELECT secret FROM vouching WHERE shop = ?", (shop,)).fetchone()[0])

        return self._file.change(get)

    def sealing(self) -> str:
        """The secret under which this deployment marks what it hands out and takes back; nobody is told it."""
        return self.vouching(_SEAL)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def proof(secret: str, shopper: str) -> str:
    """What a shop's server sends beside the id of a shopper who is signed in there: HMAC-SHA256, hexadecimal."""
    return hmac.new(secret.encode(), shopper.encode(), hashlib.sha256).hexdigest()


def check_proof(secret: str, shopper: str, given: str) -> None:
    """Raises IdentityForged where `given` is not the proof of that shopper."""
    if not given.isascii() or not hmac.compare_digest(proof(secret, shopper), given.strip().lower()):
        raise IdentityForged


def allow(key: Key, page: str | None, own: str, browser: bool) -> None:
    """Hold a request's origin against its key.

    Args:
        key: The key that was sent.
        page: The `Origin` of the request; None where it has none.
        own: The origin under which we are reached ourselves.
        browser: True where the request says that a page sent it.

    Raises ForeignOrigin for a publishable key elsewhere than on its pages, SecretInBrowser for a secret one on any."""
    if key.kind == "secret":
        if browser or page is not None:
            raise SecretInBrowser
        return
    asked = page if page is not None else own if browser else None
    here = OWN in key.origins and asked == own
    if asked in (None, OWN) or not (here or asked in key.origins):
        raise ForeignOrigin


def origin(text: str) -> str:
    """`text` as browsers send an origin; "self" is the server's own, under whatever name it is reached. Raises
    ValueError for what is none."""
    if text.strip() == OWN:
        return OWN
    parts = urlsplit(text.strip())
    try:
        port = parts.port
    except ValueError:
        port = -1
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
        or parts.username
        or port == -1
    ):
        raise ValueError(f"{text!r} is no origin; one looks like https://shop.example")
    host = parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


_COLUMNS = ("id", "kind", "shop", "label", "origins", "token", "made", "revoked", "per_day")
_REVOKED = _COLUMNS.index("revoked")
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM keys"


def _upgrade(db: Connection, held: int) -> None:
    """From keys that all had the shop's quota."""
    db.execute("ALTER TABLE keys ADD COLUMN per_day INTEGER")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _key(row: tuple[Any, ...]) -> Key:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Key(**{**values, "origins": tuple(json.loads(values["origins"]))})
