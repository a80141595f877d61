"""Which currency a feed's prices are in: what it says, else the best guess there is, and a word that it is one."""

from store.feeds.record import Problem
from store.feeds.staging import Staging
from store.feeds.values import meant_by

ASKED = 500  # rows whose titles are looked at


def settled(staging: Staging, given: str | None, own: str | None) -> tuple[str, Problem | None]:
    """(the feed's currency, a warning where some of its prices do not say theirs). `given`: what a person said, `own`:
    that of the products which the shop has already.

    Asked in this order: the person, the codes that most rows have, the shop, the sign that most rows have ("$" is of
    eight countries), the language of the titles.
    """
    if given:
        return given, None
    said, unsaid = staging.currency(), staging.unsaid()
    sign = next((u.sign for u in unsaid if u.sign), "")
    meant = meant_by(sign)
    if said:
        found, why = said, "feed"
    elif own and (not sign or own in meant):
        found, why = own, "shop"
    elif meant:
        found, why = meant[0], "sign"
    else:
        found, why = ("CNY" if _chinese(staging) else "USD"), "language"
    if not unsaid:
        return found, None
    first = min(unsaid, key=lambda u: u.line)
    values = {"currency": found, "count": str(sum(u.count for u in unsaid)), "why": why}
    if first.sign:
        values |= {"sign": first.sign}
    code = "currency_of_sign" if first.sign else "currency_guessed"
    return found, Problem(first.line, first.id, "price", code, values, refused=False)


def _chinese(staging: Staging) -> bool:
    """Whether most of the titles are written in Chinese."""
    titles = [title for body in staging.sample(ASKED) if (title := body.get("title"))]
    return 2 * sum(bool(title.get("zh")) for title in titles) > len(titles)
