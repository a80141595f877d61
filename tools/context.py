"""What a tool is given at run time: the shop, the eyes, and whose turn it is."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perception.eyes import Eyes
    from perception.photo import Album
    from store.carts import Carts
    from store.policies import Policies
    from store.shop import Shop


@dataclass(frozen=True)
class ToolContext:
    """`session` names the cart; `lang` is the language of this turn ("zh" or "en"); `shown`: ids shown so far, newest last."""

    shop: "Shop"
    carts: "Carts"
    policies: "Policies"
    eyes: "Eyes"
    album: "Album"
    session: str
    lang: str
    shown: list[str] = field(default_factory=list)
