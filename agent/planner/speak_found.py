"""What is said about lists of products: what was found, how it differs from what was asked, which one first and why."""

import re
from collections.abc import Sequence
from typing import Any

from agent.planner import (
    leftovers,
    policy_search,
    properties,
    speak_colour,
    speak_memory,
    speak_next,
    speak_photo,
    speak_recommend,
)
from agent.planner.calls import SOFT, Done
from agent.planner.meaning import Meaning, Part, Slots
from agent.planner.phrases import Voice, amount, plural, price_text, span
from agent.planner.reply import Reply
from agent.planner.state import Pending, State
from prompts import load, say, taxonomy
from store.types import Money
from tools.cards import money

_DROPPABLE = ("color", "price", "size", "material", "brand", "pattern")
_SUBJECT = frozenset({"category", "gender", "age_group"})
GOOD = 4.0  # a rating that recommends


def search(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """Reply to a search; without one, ask for what is missing."""
    if not done:
        _not_searched(part, meaning, before, voice, reply)
        return
    if done[-1].tool == "product_details" and done[-1].items:
        chosen(done[-1].items[0], before, voice, reply)
        return
    if meaning.kinds:
        _each_kind(part, meaning, state, done, voice, reply)
        return
    alike = [d for d in done if d.args.get("like") and d.items]
    if len({d.args["like"] for d in alike}) > 1:
        for one in alike:
            _found(part, meaning, state, one, one.items, voice, reply, [one])
        speak_next.after_list(part, meaning, state, [i for d in alike for i in d.items], voice, reply)
        return
    found = done[-1]
    if found.tool == "recommend":
        if meaning.refusing:
            _refused(meaning, voice, reply)
        speak_recommend.recommended(part, meaning, found, state, voice, reply)
        return
    artifact = found.artifact or {}
    items = artifact.get("items") or []
    if not items:
        if meaning.refusing:
            _refused(meaning, voice, reply)
        _nothing(part, meaning, found, voice, reply)
        return
    if meaning.refusing:
        _refused(meaning, voice, reply)
    if policy_search.refuses_alone(meaning, found):
        _noted(meaning, len(items), voice, reply)
        return
    if found.args.get("ids"):
        _again(meaning, state, items, voice, reply)
    else:
        _found(part, meaning, state, found, items, voice, reply, done)
        _unfiltered(meaning, items, voice, reply)
        _price_notes(meaning.slots, items, voice, reply)
    speak_memory.used(found, state, voice, reply)
    if artifact.get("relaxed"):
        _quick_drops(artifact["relaxed"], reply)
    speak_photo.also_seen(meaning, state, found, voice, reply)
    speak_photo.others_bare(meaning, state, found, voice, reply)
    speak_next.after_list(part, meaning, state, items, voice, reply)


def _noted(meaning: Meaning, count: int, voice: Voice, reply: Reply) -> None:
    """What is not liked, said before anything is sought ("I never wear wool"): noted, and some of the rest shown."""
    refused = meaning.said["not"]
    kinds = refused.get("category") or []
    if kinds:
        words = [taxonomy.word("category", v, voice.lang) for v in kinds]
        words = [plural(w) for w in words] if voice.lang == "en" else words
        reply.sentences.append(voice.line("search.noted_kind", what=voice.join(words, "or"), count=count))
        return
    words = [
        taxonomy.word(a, v, voice.lang) if a in taxonomy.ATTRIBUTES else v
        for a, vs in refused.items()
        for v in vs
    ]
    reply.sentences.append(voice.line("search.noted", what=voice.join(words, "or"), count=count))


def _each_kind(
    part: Part, meaning: Meaning, state: State, done: Sequence[Done], voice: Voice, reply: Reply
) -> None:
    """What was found of each kind, one after the other; what to narrow is asked once."""
    shown: list[dict[str, Any]] = []
    for kind, found in zip(meaning.kinds, (d for d in done if d.tool == "search_catalog"), strict=False):
        one = meaning.model_copy(update={"slots": kind, "words": "", "kinds": []})
        if found.items:
            _found(part, one, state, found, found.items, voice, reply, [found])
            _price_notes(kind, found.items, voice, reply)
            speak_memory.used(found, state, voice, reply)
        else:
            _nothing(part, one, found, voice, reply)
        shown += found.items
    if shown:
        speak_next.after_list(part, meaning, state, shown, voice, reply)


def _refused(meaning: Meaning, voice: Voice, reply: Reply) -> None:
    key = "search.without" if len(meaning.refusing) == 1 else "search.without_them"
    reply.sentences.append(voice.line(key))


def _not_searched(part: Part, meaning: Meaning, before: State, voice: Voice, reply: Reply) -> None:
    photo = policy_search.anchors(part, meaning, before)[0]
    if photo and (picture := before.picture(photo)) and not picture.garments:
        speak_photo.nothing(picture, voice, reply)
        return
    pointing = bool(before.newest) and not meaning.reset
    if meaning.abroad:
        reply.sentences.append(voice.line("search.other_money", money=_money(meaning.abroad, voice)))
        reply.pending = Pending(intent="refine", slot="price")
        return
    if part.intent == "more_like":
        reply.sentences.append(voice.line("similar_to_what"))
    elif meaning.reset:
        reply.sentences.append(voice.line("reset"))
    else:
        reply.sentences.append(voice.line("search.what"))
    reply.suggestions += ["first", "second"] if pointing else ["popular", "dresses", "sneakers"]


def _found(
    part: Part,
    meaning: Meaning,
    state: State,
    found: Done,
    items: list[dict[str, Any]],
    voice: Voice,
    reply: Reply,
    done: Sequence[Done] = (),
) -> None:
    artifact = found.artifact or {}
    spoken = _spoken(meaning.slots, state, found)
    values: dict[str, Any] = {
        "count": len(items),
        "total": artifact.get("total", len(items)),
        "first": items[0]["name"],
        "price": price_text(items[0]),
        "currency": items[0]["price"]["currency"],
        "low": price_text(min(items, key=amount)),
        "high": price_text(max(items, key=amount)),
        # what only orders a list is not what all of it is: "17 summer dresses" where 6 of 17 are for summer
        "subject": voice.subject({k: v for k, v in spoken.items() if k not in SOFT}),
    }
    values["range"] = span(values["low"], values["high"], voice)
    one = len(items) == 1
    if artifact.get("relaxed"):
        _relaxed(artifact["relaxed"], spoken, values, voice, reply)
        return
    searches = [d for d in done if d.tool == "search_catalog"]
    if len(searches) > 1 and items[0]["id"] in (searches[0].args.get("exclude") or []):
        edge = "cheapest_seen" if found.args.get("sort") == "price_asc" else "priciest_seen"
        reply.sentences.append(voice.line(f"search.{edge}_one" if one else f"search.{edge}", **values))
        return
    if len(searches) > 1 and policy_search.all_seen(meaning, searches[0]):
        where = found.args["where"]
        values["kind"] = voice.subject({k: where[k] for k in ("gender", "category") if where.get(k)})
        reply.sentences.append(voice.line("search.beyond_one" if one else "search.beyond", **values))
        return
    if meaning.unknown and not any(meaning.unknown in _told(i) for i in items):
        values["words"] = meaning.unknown
        reply.sentences.append(voice.line("search.guess_one" if one else "search.guess", **values))
        return
    if len(searches) > 1 and policy_search.alone_of_its_kind(meaning, searches[0]):
        kind = voice.subject(_spoken(meaning.slots, state, searches[0]))
        reply.sentences.append(voice.line("search.alone", subject=kind))
    if len(searches) > 1 and policy_search.says_nothing_of_it(searches[0], meaning):
        values["words"] = meaning.words
        reply.sentences.append(voice.line("search.nothing_words", **values))
    key = _opening(part, meaning, state, found, values, voice, one)
    reply.sentences.append(voice.line(f"search.{key}", **values))
    if size := meaning.slots.get("size"):
        reply.sentences.append(voice.line("search.in_size_one" if one else "search.in_size", size=size[0]))
    wished = _wishes(found, items, voice, reply)
    if not one and key not in ("others", "recommended"):
        _order_note(found, values, voice, reply)
    told = [values["subject"], values.get("seen", ""), values.get("anchor", ""), *wished]
    _pick(items, found, [t for t in told if t], state, voice, reply)


def _relaxed(
    relaxed: Sequence[str], spoken: Slots, values: dict[str, Any], voice: Voice, reply: Reply
) -> None:
    """Nothing has it all: what was given up, in the words in which it was asked for."""
    values["subject"] = _bounded(voice.subject(spoken), spoken, values, voice)
    given_up = voice.join([_relax_word(r, voice) for r in relaxed], "and")
    one, level = values["count"] == 1, values["low"] == values["high"]
    key = "search.relaxed_one" if one else "search.relaxed_level" if level else "search.relaxed"
    reply.sentences.append(voice.line(key, given_up=given_up, **values))


def _bounded(subject: str, spoken: Slots, values: dict[str, Any], voice: Voice) -> str:
    """The subject with the most that it was to cost, as the shop writes a price."""
    price = spoken.get("price") or {}
    if not price.get("max") or price.get("currency", values["currency"]) != values["currency"]:
        return subject
    limit = money(Money(amount=str(price["max"]), currency=values["currency"])).text  # type: ignore[arg-type]
    bound = voice.line("words.under", price=limit.removesuffix(".00"))
    return voice.line("words.bounded", subject=subject, bound=bound)


def _opening(
    part: Part, meaning: Meaning, state: State, found: Done, values: dict[str, Any], voice: Voice, one: bool
) -> str:
    """Which opening line fits; fills in what it needs beside the common values."""
    said = meaning.said
    if part.intent == "others" and found.args.get("exclude"):
        return "others_one" if one else "others"
    pref = said.get("price_pref")
    priced = (found.args.get("where") or {}).get("price")
    if pref in ("cheaper", "pricier") and priced:
        return "pricier" if pref == "pricier" else "cheaper_one" if one else "cheaper"
    change = voice.conditions({k: v for k, v in said.items() if k not in ("category", "price_pref")})
    photo = found.args.get("photo")
    if photo and part.intent != "refine":
        picture = state.picture(photo)
        garment = _garment(picture, found) if picture else None
        if garment is None:
            return "found_one" if one else "photo_blind"
        values["seen"], values["change"] = voice.seen(garment), change
        if one:
            return "photo_one"
        return "photo_changed" if change else "photo"
    like = found.args.get("like")
    item = state.item(like) if like else None
    if item and part.intent != "refine" and not one:
        values["anchor"], values["change"] = item.name, change
        return "like_changed" if change else "like"
    if one:
        return "found_one"
    if part.intent == "recommend" and found.args.get("sort") == "rating":
        return "recommended"
    if values["low"] == values["high"]:
        return "found_same_price"
    return "found_of_many" if values["total"] > values["count"] else "found"


def _garment(picture: Any, found: Done) -> dict[str, Any] | None:
    if (place := found.args.get("garment")) is not None and (meant := picture.at(place)):
        return dict(meant)
    for category in (found.args.get("where") or {}).get("category") or []:
        garment = picture.garment(category)
        if garment:
            return dict(garment)
    return picture.garment() if not (found.args.get("where") or {}).get("category") else None


def _spoken(slots: Slots, state: State, found: Done) -> Slots:
    """What the subject is called: what is sought, or for a photo or product the category searched in."""
    if slots.get("category"):
        return slots
    category = (found.args.get("where") or {}).get("category")
    return {**slots, "category": category} if category else slots


def _wishes(found: Done, items: list[dict[str, Any]], voice: Voice, reply: Reply) -> list[str]:
    """How many of those shown are made for the season, the occasion, the style that was asked for, by their records.
    Returns the words for it, which need not be said again."""
    wished = []
    for attribute, values in (found.args.get("prefer") or {}).items():
        if attribute not in SOFT:
            continue
        words = [taxonomy.word(attribute, v, voice.lang) for v in values]
        label = say("tools", f"labels.{attribute}", voice.lang)
        fits = [any(w in str((i.get("attributes") or {}).get(label, "")) for w in words) for i in items]
        fit = sum(fits)
        what = voice.join([_wish(attribute, v, voice) for v in values[:2]], "or")
        wished += [*words, *(_wish(attribute, v, voice) for v in values)]
        if len(items) == 1 or fit == len(items):
            key = "wish_none" if not fit else "wish_one" if len(items) == 1 else "wish_all"
        elif fits != sorted(fits, reverse=True):
            continue  # they do not come first, and which they are the cards tell
        else:
            key = "wish_some" if fit > 1 else "wish_single" if fit else "wish_none"
        kind = "of_style" if attribute == "style" else "made_for"
        reply.sentences.append(voice.line(f"search.{key}.{kind}", count=fit, what=what))
    return wished


def _wish(attribute: str, value: str, voice: Voice) -> str:
    known = load("tools")["occasions"]
    if attribute == "occasion" and value in known:
        return say("tools", f"occasions.{value}", voice.lang)
    word = taxonomy.word(attribute, value, voice.lang)
    return word


def _order_note(found: Done, values: dict[str, Any], voice: Voice, reply: Reply) -> None:
    order = found.args.get("sort")
    paid = [amount(i) for i in found.items]
    if paid not in (sorted(paid), sorted(paid, reverse=True)):
        return  # of what is alike the cheapest first, then the rest
    if order == "price_asc":
        reply.sentences.append(voice.line("search.sorted_low", **values))
    elif order == "price_desc":
        reply.sentences.append(voice.line("search.sorted_high"))


def reasons(card: dict[str, Any], told: Sequence[str], voice: Voice) -> list[str]:
    """The pieces of a card's reason, less what the reply has said already."""
    comma = "，" if voice.lang == "zh" else ", "
    genders = {taxonomy.word("gender", g, voice.lang) for g in taxonomy.values("gender")}
    said = " ".join(told).casefold()
    pieces = []
    for piece in (p.strip(" .。") for p in str(card.get("why") or "").split(comma)):
        kept = "、".join(w for w in piece.split("、") if w not in genders and w.casefold() not in said)
        if (
            kept
            and not _stock_phrase(kept, voice)
            and not any(t and t.casefold() in kept.casefold() for t in told)
        ):
            pieces.append(kept)
    return pieces


def _stock_phrase(piece: str, voice: Voice) -> bool:
    """ "just the kind of shirt you asked for", "under $60", "matches “zip”": nothing the shopper has not said."""
    for key in ("asked", "under", "words"):
        before, after = (re.escape(p) for p in say("tools", f"why.{key}", voice.lang, value="\0").split("\0"))
        if re.fullmatch(f"{before}.+{after}", piece):
            return True
    return False


def _pick(
    items: list[dict[str, Any]], found: Done, told: Sequence[str], state: State, voice: Voice, reply: Reply
) -> None:
    """One product made concrete by what sets it apart from the others: its own reason, else a fact of its card."""
    if found.args.get("sort") in ("price_asc", "price_desc"):
        return
    shown = items  # what is the cheapest or the best is so of all of them
    if asked := (found.args.get("where") or {}).get("color"):
        # red with white dots is found for white, but is not what to praise to who asked for white
        items = [i for i in items if not i.get("colors") or i["colors"][0] in asked]
    if len(items) < 2:
        return
    first, others = items[0], items[1:]
    shared = set.intersection(*({*reasons(i, told, voice)} for i in others))
    own = [r for r in reasons(first, told, voice) if r not in shared]
    if own:
        comma = "，" if voice.lang == "zh" else ", "
        line = voice.line(
            "search.pick", first=first["name"], price=price_text(first), why=comma.join(own[:2])
        )
        reply.sentences.append(line)
        return
    facts = [
        line
        for one, line in (_on_sale(items, voice), _best_rated(shown, voice), _lowest(shown, voice))
        if line and one in items
    ]
    if facts:
        reply.sentences.append(facts[state.turn % len(facts)])


_Fact = tuple[dict[str, Any] | None, str]  # a card, and a sentence about it


def _on_sale(items: list[dict[str, Any]], voice: Voice) -> _Fact:
    sale = next((i for i in items if i.get("sale_price")), None)
    if sale is None:
        return None, ""
    values = {"name": sale["name"], "price": sale["sale_price"]["text"], "before": sale["price"]["text"]}
    return sale, voice.line("search.pick_sale", **values)


def _best_rated(items: list[dict[str, Any]], voice: Voice) -> _Fact:
    rated = [i for i in items if (i.get("rating") or 0) >= GOOD and i.get("rating_count")]
    best = max(rated, key=lambda i: i["rating"]) if rated else None
    if best is None or sum(i["rating"] == best["rating"] for i in rated) > 1:
        return None, ""
    values = {"name": best["name"], "value": f"{best['rating']:g}", "count": best["rating_count"]}
    return best, voice.line("search.pick_rated", **values)


def _lowest(items: list[dict[str, Any]], voice: Voice) -> _Fact:
    lowest = min(items, key=amount)
    if sum(amount(i) == amount(lowest) for i in items) > 1 or len(items) < 3:
        return None, ""
    return lowest, voice.line("search.pick_cheap", name=lowest["name"], price=price_text(lowest))


def _unfiltered(meaning: Meaning, items: list[dict[str, Any]], voice: Voice, reply: Reply) -> None:
    """A feature asked for that nothing shown is known to have is owned up to."""
    told = " ".join(map(_told, items))
    missing = [
        w
        for w in leftovers.features(meaning.words)
        if not any(same in told for same in _synonyms(w, meaning.words))
        and w not in " ".join(reply.sentences)
    ]
    if missing and not meaning.unknown:
        reply.sentences.append(voice.line("search.unfiltered", words=voice.join(missing)))
    elif names := properties.asked(meaning.tagged, voice.lang, told):
        reply.sentences.append(voice.line("search.unrecorded", words=voice.join(names)))


def _synonyms(word: str, said: str) -> list[str]:
    """The word, and what titles write for it: "waisted" of "high waisted" is in "high-rise"."""
    known: list[list[str]] = load("search")["same"]
    whole = said.replace("-", " ")
    groups = [
        g
        for g in known
        if any(word in s.replace("-", " ").split() and s.replace("-", " ") in whole for s in g)
    ]
    return [word, *(s for group in groups for s in group)]


def _told(card: dict[str, Any]) -> str:
    return f"{card['name']} {card.get('why') or ''}".casefold()


def _price_notes(slots: Slots, items: list[dict[str, Any]], voice: Voice, reply: Reply) -> None:
    """An amount in another currency was compared as the shop's, and the reply says so."""
    said = slots.get("price") or {}
    shop = items[0]["price"]["currency"]
    if said.get("currency") and said["currency"] != shop:
        limit = said.get("max", said.get("min"))
        name = _money(shop, voice)
        reply.sentences.insert(0, voice.line("search.currency", shop=name, amount=f"{limit:g}"))


def _money(currency: str, voice: Voice) -> str:
    known = load("replies")["words"]["currency"]
    return voice.line(f"words.currency.{currency}") if currency in known else currency


def _relax_word(name: str, voice: Voice) -> str:
    known = load("replies")["words"]["relax"]
    name = name.split(".")[0]
    return voice.line(f"words.relax.{name}") if name in known else name


def _nothing(part: Part, meaning: Meaning, found: Done, voice: Voice, reply: Reply) -> None:
    """Nothing at all: say which condition to let go, the one said last first."""
    where = found.args.get("where") or {}
    unknown = meaning.unknown or ("" if where else meaning.words)
    if unknown:
        example = voice.line("scope.example")
        reply.sentences.append(voice.line("unknown", words=unknown, example=example))
        reply.suggestions += ["popular", "dresses", "sneakers"]
        return
    order = [*[k for k in meaning.said if k in where], *where]
    refused = [a for a in where.get("not", {}) if a not in meaning.never]  # those are not to be let go of
    order = [name for k in order for name in (refused if k == "not" and k in where else [k])]
    names = [k for k in dict.fromkeys(order) if k not in ("category", "not", "gender", "age_group")][:2]
    if names:
        what = voice.join([_relax_word(n, voice) for n in names], "or")
        hint = voice.line("search.hint_relax", what=what)
    else:
        hint = voice.line("search.hint_other")
    key = "search.nothing"
    if found.args.get("exclude"):
        key = "search.nothing_more"
    elif meaning.said.get("price_pref") == "cheaper":
        key = "search.nothing_cheaper"
    elif set(where) - _SUBJECT:
        key = "search.nothing_fitting"  # there may well be some: not what else was asked of them
    reply.sentences.append(voice.line(key, subject=voice.subject(meaning.slots), hint=hint))
    _quick_drops(names, reply)
    reply.suggestions += ["restart", "popular"]


def _quick_drops(names: Sequence[str], reply: Reply) -> None:
    reply.suggestions += [f"drop_{n}" for n in names if n in _DROPPABLE][:2]


def _again(meaning: Meaning, state: State, items: list[dict[str, Any]], voice: Voice, reply: Reply) -> None:
    """A list that was shown before, gone back to."""
    subject = voice.subject({k: v for k, v in state.slots.items() if k not in SOFT})
    low, high = price_text(min(items, key=amount)), price_text(max(items, key=amount))
    key = "search.again_one" if len(items) == 1 else "search.again"
    values = {
        "subject": subject,
        "count": len(items),
        "first": items[0]["name"],
        "range": span(low, high, voice),
    }
    reply.sentences.append(voice.line(key, **values))
    liked = next((i for i in items if i["id"] in state.liked), None)
    if liked is not None and len(items) > 1:
        reply.sentences.append(voice.line("search.again_liked", name=liked["name"]))


def chosen(card: dict[str, Any], before: State, voice: Voice, reply: Reply) -> None:
    """Which of those shown is recommended, and why: what its reviews, its price or the search say for it."""
    rivals = [i for i in before.newest if i.id != card["id"]]
    values = {"first": card["name"], "price": price_text(card)}
    rating, count = card.get("rating"), card.get("rating_count") or 0
    if card["id"] in before.liked:
        reply.sentences.append(voice.line("search.choose_liked", **values))
    elif rating and rating >= GOOD and all((i.rating or 0) <= rating for i in rivals):
        told = voice.line("search.choose_rated", **values, value=f"{rating:g}", count=count)
        reply.sentences.append(told)
    elif rivals and all(i.price >= amount(card) for i in rivals):
        reply.sentences.append(voice.line("search.choose_cheap", **values))
    else:
        reply.sentences.append(voice.line("search.choose", **values))
    speak_next.after_product(card, (), voice, reply)


def color(
    part: Part,
    meaning: Meaning,
    before: State,
    state: State,
    done: Sequence[Done],
    voice: Voice,
    reply: Reply,
) -> None:
    """The same thing in another colour: what the product comes in, then what is like it."""
    from agent.planner.speak_product import colors_of
    from agent.planner.speak_which import which

    details = next((d for d in done if d.tool == "product_details" and d.items), None)
    found = next((d for d in done if d.tool == "search_catalog"), None)
    if meaning.shade or any(d.tool == "choose_color" for d in done):
        speak_colour.chosen(part, meaning, done, voice, reply)
        if found is not None and found.items:
            search(part, meaning, before, state, [found], voice, reply)
        return
    if details is None and found is None and part.references and before.newest:
        which(part, before, voice, reply, "color")
        return
    if details is None and found is None:
        _colour_advice(before, voice, reply)
        return
    if details is not None:
        reply.sentences.append(colors_of(details.items[0], [], voice))
    elif found is not None:
        anchor = before.item(str(found.args.get("like") or ""))
        asked = part.slots.get("color", [])
        if anchor and asked and (set(asked) & set(anchor.colors) or (anchor.colors and not found.items)):
            card = {"name": anchor.name, "colors": anchor.colors}
            reply.sentences.append(colors_of(card, asked, voice))
            if set(asked) & set(anchor.colors) and not found.items:
                return  # it is what was asked for, and the only one
    if found is not None:
        search(part, meaning, before, state, [found], voice, reply)


def _colour_advice(before: State, voice: Voice, reply: Reply) -> None:
    """What goes with most things; then which colours are among what is shown."""
    reply.sentences.append(voice.line("color_advice"))
    main = list(dict.fromkeys(i.colors[0] for i in before.newest if i.colors))
    words = [taxonomy.word("color", c, voice.lang) for c in main[:4]]
    if len(words) > 1:
        reply.steps.append(voice.line("color_here", colors=voice.join(words, "and")))
        reply.suggestions += words[:3]
    else:
        reply.steps.append(voice.line("color_lean"))
        reply.suggestions += ["popular", "dresses"]
