"""How often one caller may ask.

Requests are counted by each process for itself, in memory: several processes let through as many times as much.
Conversations, messages and a key's day are counted once for all of them, where the shop's keys lie.
"""

import ipaddress
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from agent.access.counts import Counts
from ui.api.problems import Problem

MINUTE_S = 60.0
_WINDOWS = SlidingWindowCounterRateLimiter(MemoryStorage())


def count(what: str, per_minute: int, *who: str) -> None:
    """Count one more of `what` for `who` in this process. Raises Problem (429), which says how long to wait."""
    item = RateLimitItemPerMinute(per_minute)
    if _WINDOWS.hit(item, what, *who):
        return
    window = _WINDOWS.get_window_stats(item, what, *who)
    raise Problem(429, "too_many", wait_s=max(1.0, window.reset_time - time.time()), most=per_minute)


def share(counts: Counts, what: str, per_minute: int, *who: str) -> None:
    """The same, counted for all processes. Raises Problem (429), NotKept."""
    if wait := counts.hit(per_minute, MINUTE_S, what, *who):
        raise Problem(429, "too_many", wait_s=wait, most=per_minute)


def spend(counts: Counts, per_day: int | None, key: str) -> None:
    """Count one more message of a key's day, where that has a limit. Raises Problem (429), NotKept."""
    if per_day is not None and (wait := counts.spend(per_day, "messages", key)):
        raise Problem(429, "quota", wait_s=wait, most=per_day)


def neighbourhood(address: str) -> str:
    """What is counted as one address: of IPv6 a /64, which is one customer's."""
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def reset() -> None:
    """Forget all that was counted in this process."""
    _WINDOWS.storage.reset()
