"""What the network doors of this process share: the shops it serves."""

import logging
import time
from collections.abc import Callable
from functools import lru_cache

from agent.access.shops import Shops
from agent.settings import Settings
from ui import shop

log = logging.getLogger(__name__)
FIRST_WAIT_S, MOST_WAIT_S = 1.0, 15.0  # before a shop is opened again


@lru_cache(maxsize=1)
def deployment() -> Shops:
    """The shops of this process. The one of the browser chat is the chat's own assistant."""
    if several := shop.several():
        return several
    shops = Shops(Settings())
    shops.use("", shop.assistant())
    return shops


def warm(pause: Callable[[float], object] = time.sleep) -> None:
    """Load what a first turn needs, of every shop. One that cannot be opened now, because its products or its database
    are away, is tried again and again, for until then this process is not ready. `pause`: waits so many seconds."""
    shops, began = deployment(), time.perf_counter()
    cold, wait = shops.names(), FIRST_WAIT_S
    while True:
        cold = [name for name in cold if not _warmed(shops, name, told=wait == FIRST_WAIT_S)]
        if not cold:
            break
        pause(wait)
        wait = min(2 * wait, MOST_WAIT_S)
    log.info("ready after %.1f s", time.perf_counter() - began)


def _warmed(shops: Shops, name: str, told: bool) -> bool:
    try:
        shops.open(name).warm()
    except Exception as error:
        if told:
            log.exception("the shop %s cannot be opened", name)
        else:
            log.warning("the shop %s still cannot be opened: %s", name, error)
        return False
    return True
