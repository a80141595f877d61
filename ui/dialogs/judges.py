"""The judges: is what a reply says backed by this conversation? They read the words and the events that a
door received, and know nothing of the agent, which has checks of its own."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from prompts import load, taxonomy
from store.types import Product
from ui.dialogs import grounding
from ui.dialogs import script as form
from ui.dialogs.observed import Conversation, Failure, Observed, cards_of

TELLING = (
    "color",
    "pattern",
    "material",
    "sleeve",
    "neckline",
    "length",
)  # attributes that words state of a product


def grounded(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    """What the judges that the turn asks for have to say."""
    for name in expect.judges():
        for said in JUDGES[name](turn, talk):
            yield Failure(name, f"{said}: {turn.reply!r}")


def no_unbacked_price(turn: Observed, talk: Conversation) -> Iterator[str]:
    """Every amount of money was named by an artifact or by the shopper."""
    if wrong := grounding.unbacked_prices(turn.reply, talk.events(), talk.messages()):
        yield f"nobody named the amounts {wrong}"


def no_invented_product(turn: Observed, talk: Conversation) -> Iterator[str]:
    """Every product spoken of was shown in this conversation."""
    if wrong := grounding.invented(turn.reply, talk.titles, talk.shown(), talk.ids, talk.messages()):
        yield f"never shown: {wrong}"


def no_unbacked_attribute(turn: Observed, talk: Conversation) -> Iterator[str]:
    """A colour, fabric, pattern, sleeve, neckline or length that the reply states is one of a product shown,
    was seen in a photo, stands in what a tool returned, or in the shopper's own words. Questions state
    nothing. A sentence that names one product states it of that product."""
    said = _plain(" ".join(talk.messages()))
    everything = _plain(" ".join(grounding.texts(talk.events())))
    shown = talk.products(sorted(talk.shown()))
    seen = [
        g for event in talk.events() if event["type"] == "looked" for g in event["look"].get("garments", [])
    ]
    for sentence in grounding.statements(turn.reply):
        named = grounding.named_products(sentence, talk.titles)
        bare = _plain(sentence)
        for title in sorted(named, key=len, reverse=True):
            bare = bare.replace(_plain(title), " ")
        owners = {pid for ids in named.values() for pid in ids}
        about = [p for p in shown if p.id in owners] if len(named) == 1 else []
        for attribute, value, word in () if _hedged().search(bare) else _stated(bare):
            if word in said or any(value in _has(seen_, attribute) for seen_ in seen):
                continue
            if about and not any(value in _values(p, attribute) or word in _plain(_record(p)) for p in about):
                yield f"{word} is no {attribute} of {about[0].id}"
            elif word not in everything and not any(
                value in _values(p, attribute) or word in _plain(_record(p)) for p in shown
            ):
                yield f"nothing here is {word}"


def no_unbacked_number(turn: Observed, talk: Conversation) -> Iterator[str]:
    """Every number in digits stands in something that a tool returned, in the record of a product shown or in
    the shopper's words, or follows from them: a count, a discount, a difference or a sum of prices."""
    known = {Decimal(n) for n in range(1, len(turn.cards()) + len(turn.cart["lines"]) + 1)}
    shown = talk.products(sorted(talk.shown()))
    texts = [*talk.messages(), *grounding.texts(talk.events()), *(_record(p) for p in shown)]
    for text in texts:
        known |= grounding.numbers(text)
    known |= {Decimal(str(v)) for v in grounding.values(talk.events())}
    known |= {Decimal(str(v)) for p in shown for v in grounding.values([p.model_dump(mode="json")])}
    known |= {Decimal(5) for p in shown if p.rating is not None}  # "4.2 out of 5"
    known |= set(grounding.derived(shown, turn.cart["lines"]))
    stated = grounding.numbers(grounding.without_names(turn.reply, talk.titles))
    if wrong := [str(n) for n in sorted(stated) if n not in known]:
        yield f"nothing says {', '.join(wrong)}"
    shares = {share for text in texts for share in grounding.percents(text)}
    shares |= set(grounding.discounts(shown))
    if off := [str(n) for n in sorted(grounding.percents(turn.reply)) if n not in shares]:
        yield f"nothing is {', '.join(off)} %"


def no_untrue_claim(turn: Observed, talk: Conversation) -> Iterator[str]:
    """What the reply says that it did was done: put into the cart, taken out of it, handed to a person."""
    before, after = turn.cart_before["lines"], turn.cart["lines"]
    done = {
        "added": _pieces(after) > _pieces(before) or before != after,
        "removed": before != after,
        "handed_off": bool(turn.of("handoff")),
    }
    reply = grounding.without_names(turn.reply, talk.titles)
    clauses = [c for s in grounding.statements(reply) for c in re.split(r"[，,]", s)]
    for sentence in clauses:
        for claim, patterns in _claims().items():
            if (
                not done[claim]
                and any(p.search(sentence) for p in patterns)
                and not _hedged().search(sentence)
            ):
                yield f"it was not {claim.replace('_', ' ')}"


def cards_equal_prose(turn: Observed, talk: Conversation) -> Iterator[str]:
    """A count in the reply is that of what is shown; a product named has a card; cards are counted or
    named."""
    cards = turn.cards()
    backed = {len(cards), len(turn.of("looked")), len(turn.cart["lines"]), _pieces(turn.cart["lines"])}
    for event in turn.events:
        parts = [event.get(key) for key in ("items", "looks", "lines", "choices")]
        backed |= {len(part) for part in parts if isinstance(part, list)}
        backed |= {len(look["items"]) for look in event.get("looks", [])}
        backed |= {event["total"]} if isinstance(event.get("total"), int) else set()
    counts = grounding.counted(turn.reply)
    some = {n for part in grounding.counted_parts(turn.reply) for n in part if n < len(cards)}
    if wrong := counts - backed - some:
        yield f"says {sorted(wrong)}, shown are {len(cards)} cards"
    named = grounding.named_products(turn.reply, talk.titles)
    shown = talk.shown()
    said = " ".join(talk.messages()).casefold()
    for title, owners in named.items():
        if not owners & shown and title.casefold() not in said:
            yield f"{title} has no card"
    spoken_of = {owner for owners in named.values() for owner in owners}
    # a comparison's table names its own
    listed = {c["id"] for event in turn.of("products", "outfit") for c in cards_of(event)}
    told = {n for n in grounding.numerals(turn.reply) if n in (len(cards), len(listed))}
    if len(listed) > 1 and not counts and not told and not listed <= spoken_of:
        yield f"{len(cards)} cards are neither counted nor all named"


JUDGES: dict[form.Judge, Callable[[Observed, Conversation], Iterator[str]]] = {
    "no_invented_product": no_invented_product,
    "no_unbacked_price": no_unbacked_price,
    "no_unbacked_attribute": no_unbacked_attribute,
    "no_unbacked_number": no_unbacked_number,
    "no_untrue_claim": no_untrue_claim,
    "cards_equal_prose": cards_equal_prose,
}


def _pieces(lines: list[dict[str, Any]]) -> int:
    return sum(line["quantity"] for line in lines)


def _plain(text: str) -> str:
    return re.sub(r"[\s-]+", " ", text.casefold())


def _record(product: Product) -> str:
    """Every text of a record."""
    return " ".join(
        text for part in (product.title, product.description, product.care) for text in (part.zh, part.en)
    )


def _values(product: Product, attribute: str) -> list[str]:
    return product.colors if attribute == "color" else [v for v in [getattr(product, attribute)] if v]


def _has(garment: dict[str, Any], attribute: str) -> list[str]:
    return list(garment.get("colors", [])) if attribute == "color" else [garment.get(attribute) or ""]


@cache
def _words() -> list[tuple[str, str, str, re.Pattern[str]]]:
    """(attribute, value, word, where it stands), longest word first; what is also a word of another trade
    ("light", "long") is left out by being too short."""
    found = {
        (attribute, value, _plain(word))
        for attribute in TELLING
        for value in taxonomy.values(attribute)
        for words in taxonomy.words(attribute, value).values()
        for word in words
        if len(word) >= (3 if word.isascii() else 2) and value != "other"
    }
    ambiguous = set(map(_plain, load("dialogs")["ambiguous"]))
    return [
        (
            attribute,
            value,
            word,
            re.compile(rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word)),
        )
        for attribute, value, word in sorted(found, key=lambda f: -len(f[2]))
        if word not in ambiguous
    ]


def _stated(text: str) -> Iterator[tuple[str, str, str]]:
    for attribute, value, word, standing in _words():
        if word in text and standing.search(text):
            yield attribute, value, word
            text = standing.sub(" ", text)


@cache
def _claims() -> dict[str, list[re.Pattern[str]]]:
    return {
        claim: [re.compile(p, re.IGNORECASE) for p in patterns]
        for claim, patterns in load("dialogs")["claims"].items()
    }


@cache
def _hedged() -> re.Pattern[str]:
    return re.compile("|".join(load("dialogs")["hedges"]), re.IGNORECASE)
