"""What is said about lists of products and outfits."""

import re
from collections.abc import Sequence
from typing import Any

from agent.planner import leftovers, policy_search, speak_photo
from agent.planner.calls import Done
from agent.planner.meaning import Meaning, Part, Slots
from agent.planner.phrases import Voice, amount, buyable, price_text, span
from agent.planner.state import Pending, State
from prompts import say, taxonomy

_DROPPABLE = ("color", "price", "size", "material", "brand", "pattern")


def search(
    part: Part, meaning: Meaning, before: State, state: State, done: Sequence[Done], voice: Voice, reply: Any
) -> None:
    """Reply to a search; without one, ask for what is missing."""
    if not done:
        photo = policy_search.anchors(part, meaning, before)[0]
        if photo and (picture := before.picture(photo)) and not picture.garments:
            speak_photo.nothing(picture, voice, reply)
            return
        reply.sentences.append(voice.line("similar_to_what" if part.intent == "more_like" else "reset"))
        pointing = before.newest and not meaning.reset
        reply.suggestions += ["first", "second"] if pointing else ["popular", "dresses", "sneakers"]
        return
    found = done[-1]
    artifact = found.artifact or {}
    items = artifact.get("items") or []
    slots = meaning.slots
    if not items:
        _nothing(part, meaning, found, voice, reply)
        return
    _found(part, meaning, state, found, items, voice, reply, done)
    _unfiltered(meaning, items, voice, reply)
    _price_notes(slots, items, voice, reply)
    if artifact.get("relaxed"):
        _quick_drops(artifact["relaxed"], reply)
    speak_photo.also_seen(meaning, state, found, voice, reply)
    speak_photo.others_bare(meaning, state, found, voice, reply)
    reply.sentences.append(_next(part, meaning, state, items, voice))
    if len(items) == 1:
        several = len(items[0].get("sizes") or []) > 1
        choices = buyable(items[0]) if several else []
        slot = "size" if several else "yes"
        reply.pending = Pending(intent="cart_add", slot=slot, product=items[0]["id"], choices=choices)
    reply.suggestions += _suggest(part, slots, items)


def _found(
    part: Part,
    meaning: Meaning,
    state: State,
    found: Done,
    items: list[dict[str, Any]],
    voice: Voice,
    reply: Any,
    done: Sequence[Done] = (),
) -> None:
    artifact, slots = found.artifact or {}, meaning.slots
    values: dict[str, Any] = {
        "count": len(items),
        "total": artifact.get("total", len(items)),
        "first": items[0]["name"],
        "price": price_text(items[0]),
        "low": price_text(min(items, key=amount)),
        "high": price_text(max(items, key=amount)),
        "subject": voice.subject(_spoken(slots, state, found)),
    }
    values["range"] = span(values["low"], values["high"], voice)
    one = len(items) == 1
    relaxed = artifact.get("relaxed") or []
    if relaxed:
        given_up = voice.join([_relax_word(r, voice) for r in relaxed], "and")
        level = values["low"] == values["high"]
        key = "search.relaxed_one" if one else "search.relaxed_level" if level else "search.relaxed"
        reply.sentences.append(voice.line(key, given_up=given_up, **values))
        return
    searches = [d for d in done if d.tool == "search_catalog"]
    if len(searches) > 1 and items[0]["id"] in (searches[0].args.get("exclude") or []):
        edge = "cheapest_seen" if found.args.get("sort") == "price_asc" else "priciest_seen"
        reply.sentences.append(voice.line(f"search.{edge}", **values))
        return
    if meaning.unknown and not any(meaning.unknown in _told(i) for i in items):
        values["words"] = meaning.unknown
        reply.sentences.append(voice.line("search.guess_one" if one else "search.guess", **values))
        return
    if len(searches) > 1 and policy_search.alone_of_its_kind(meaning, searches[0]):
        kind = voice.subject(_spoken(slots, state, searches[0]))
        reply.sentences.append(voice.line("search.alone", subject=kind))
    key = _opening(part, meaning, state, found, values, voice, one)
    reply.sentences.append(voice.line(f"search.{key}", **values))
    if not one and key not in ("others", "recommended"):
        _order_note(found, values, voice, reply)
    _pick(items, found, values["subject"], voice, reply, one)


def _opening(
    part: Part, meaning: Meaning, state: State, found: Done, values: dict[str, Any], voice: Voice, one: bool
) -> str:
    """Which opening line fits; fills in what it needs beside the common values."""
    said = meaning.said
    if part.intent == "others" and found.args.get("exclude"):
        return "others_one" if one else "others"
    pref = said.get("price_pref")
    priced = (found.args.get("where") or {}).get("price")
    if pref in ("cheaper", "pricier") and priced and not found.args.get("photo"):
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


def _order_note(found: Done, values: dict[str, Any], voice: Voice, reply: Any) -> None:
    order = found.args.get("sort")
    if order == "price_asc":
        reply.sentences.append(voice.line("search.sorted_low", **values))
    elif order == "price_desc":
        reply.sentences.append(voice.line("search.sorted_high"))


def _telling(why: str, subject: str, voice: Voice) -> str:
    """A card's reason less what the opening line has said already."""
    comma = "，" if voice.lang == "zh" else ", "
    pieces = [p.strip(" .。") for p in why.split(comma)]
    told = {taxonomy.word("gender", g, voice.lang) for g in taxonomy.values("gender")}
    pieces = [p for p in pieces if p not in told]
    if voice.lang == "zh":
        pieces = ["、".join(w for w in p.split("、") if w not in told and w not in subject) for p in pieces]
    return comma.join(
        p for p in pieces if p and p.casefold() not in subject.casefold() and not _stock_phrase(p, voice)
    )


def _stock_phrase(piece: str, voice: Voice) -> bool:
    """ "just the kind of shirt you asked for", "under $60": nothing the shopper has not said."""
    for key in ("asked", "under"):
        before, after = (re.escape(p) for p in say("tools", f"why.{key}", voice.lang, value="\0").split("\0"))
        if re.fullmatch(f"{before}.+{after}", piece):
            return True
    return False


def _pick(
    items: list[dict[str, Any]], found: Done, subject: str, voice: Voice, reply: Any, one: bool
) -> None:
    """One product made concrete: the first and why, or one on sale."""
    first = items[0]
    why = _telling(str(first.get("why") or ""), subject, voice)
    if found.args.get("sort") in ("price_asc", "price_desc"):
        return
    if why and not one:
        reply.sentences.append(
            voice.line("search.pick", first=first["name"], price=price_text(first), why=why)
        )
        return
    sale = None if one else next((i for i in items if i.get("sale_price")), None)
    if sale:
        values = {"name": sale["name"], "price": sale["sale_price"]["text"], "before": sale["price"]["text"]}
        reply.sentences.append(voice.line("search.pick_sale", **values))
    elif not one and len(items) > 2:
        lowest = min(items, key=amount)
        reply.sentences.append(voice.line("search.pick_cheap", name=lowest["name"], price=price_text(lowest)))


def _unfiltered(meaning: Meaning, items: list[dict[str, Any]], voice: Voice, reply: Any) -> None:
    """A feature asked for that nothing shown is known to have is owned up to."""
    told = " ".join(map(_told, items))
    wanted = leftovers.features(meaning.words)
    if not wanted and set(meaning.said) <= {"asks"}:
        wanted = meaning.words.split()[:3]  # words were all that was said
    missing = [w for w in wanted if w not in told]
    if missing and not meaning.unknown:
        reply.sentences.append(voice.line("search.unfiltered", words=voice.join(missing)))


def _told(card: dict[str, Any]) -> str:
    return f"{card['name']} {card.get('why') or ''}".casefold()


def _price_notes(slots: Slots, items: list[dict[str, Any]], voice: Voice, reply: Any) -> None:
    """An amount in another currency was compared as the shop's, and the reply says so."""
    said = slots.get("price") or {}
    shop = items[0]["price"]["currency"]
    if said.get("currency") and said["currency"] != shop:
        limit = said.get("max", said.get("min"))
        name = voice.line(f"words.currency.{shop}") if _has_currency(shop) else shop
        reply.sentences.insert(0, voice.line("search.currency", shop=name, amount=f"{limit:g}"))


def _has_currency(code: str) -> bool:
    from prompts import load

    return code in load("replies")["words"]["currency"]


def _relax_word(name: str, voice: Voice) -> str:
    from prompts import load

    known = load("replies")["words"]["relax"]
    name = name.split(".")[0]
    return voice.line(f"words.relax.{name}") if name in known else name


def _nothing(part: Part, meaning: Meaning, found: Done, voice: Voice, reply: Any) -> None:
    """Nothing at all: say which condition to let go, the one said last first."""
    where = found.args.get("where") or {}
    unknown = meaning.unknown or ("" if where else meaning.words)
    if unknown:
        example = voice.line("scope.example")
        reply.sentences.append(voice.line("unknown", words=unknown, example=example))
        reply.suggestions += ["popular", "dresses", "sneakers"]
        return
    order = [*[k for k in meaning.said if k in where], *where]
    names = [k for k in dict.fromkeys(order) if k not in ("category", "not", "gender", "age_group")][:2]
    if names:
        what = voice.join([_relax_word(n, voice) for n in names], "or")
        hint = voice.line("search.hint_relax", what=what)
    else:
        hint = voice.line("search.hint_other")
    key = "search.nothing"
    if part.intent == "others":
        key = "search.nothing_more"
    elif meaning.said.get("price_pref") == "cheaper":
        key = "search.nothing_cheaper"
    reply.sentences.append(voice.line(key, subject=voice.subject(meaning.slots), hint=hint))
    _quick_drops(names, reply)
    reply.suggestions += ["restart", "popular"]


def _quick_drops(names: Sequence[str], reply: Any) -> None:
    reply.suggestions += [f"drop_{n}" for n in names if n in _DROPPABLE][:2]


def _next(part: Part, meaning: Meaning, state: State, items: list[dict[str, Any]], voice: Voice) -> str:
    """One useful next step, which depends on what is still open."""
    slots = meaning.slots
    if len(items) == 1:
        return voice.line(
            "product.next.add_size" if len(items[0].get("sizes") or []) > 1 else "product.next.add"
        )
    if part.intent == "recommend" and not slots:
        return voice.line("search.next.who")
    steps: list[str] = []
    if len(items) >= 5:
        if not slots.get("price") and not slots.get("price_pref"):
            steps.append("narrow_budget")
        if not slots.get("color") and not state.photo and not state.like:
            steps.append("narrow_color")
        if not slots.get("occasion"):
            steps.append("narrow_occasion")
    if not slots.get("size") and any(len(i.get("sizes") or []) > 1 for i in items):
        steps.append("narrow_size")
    steps += ["details", "outfit"] + (["compare"] if 2 <= len(items) <= 4 else [])
    return voice.line(f"search.next.{steps[state.turn % len(steps)]}")


def _suggest(part: Part, slots: Slots, items: list[dict[str, Any]]) -> list[str]:
    if len(items) == 1:
        return ["details1", "add_it", "similar"]
    wanted = ["others"] if len(items) >= 4 else []
    if slots.get("price_pref") != "cheaper" and not slots.get("price"):
        wanted.append("cheaper")
    return [*wanted, "compare12" if len(items) >= 2 else "details1", "outfit1"]


def color(
    part: Part, meaning: Meaning, before: State, state: State, done: Sequence[Done], voice: Voice, reply: Any
) -> None:
    """The same thing in another colour: what the product comes in, then what is like it."""
    from agent.planner.speak_product import colors_of
    from agent.planner.speak_which import which

    details = next((d for d in done if d.tool == "product_details" and d.items), None)
    found = next((d for d in done if d.tool == "search_catalog"), None)
    if details is None and found is None and part.references and before.newest:
        which(part, before, voice, reply, "color")
        return
    if details is None and found is None:
        reply.sentences.append(voice.line("color_advice"))
        reply.suggestions += ["popular", "dresses"]
        return
    if details is not None:
        reply.sentences.append(colors_of(details.items[0], [], voice))
    elif found is not None:
        anchor = before.item(str(found.args.get("like") or ""))
        asked = part.slots.get("color", [])
        if anchor and asked and (set(asked) & set(anchor.colors) or (anchor.colors and not found.items)):
            card = {"name": anchor.name, "colors": anchor.colors}
            reply.sentences.append(colors_of(card, asked, voice))
    if found is not None:
        search(part, meaning, before, state, [found], voice, reply)


def outfit(
    part: Part, meaning: Meaning, before: State, state: State, done: Sequence[Done], voice: Voice, reply: Any
) -> None:
    """Looks, or what of one kind goes with a thing."""
    matched = next((d for d in reversed(done) if d.tool == "match_outfit"), None)
    if matched is None:
        if done and done[-1].items:
            search(part, meaning, before, state, done[-1:], voice, reply)
            return
        reply.sentences.append(voice.line("outfit.which"))
        reply.suggestions += ["first", "second"] if before.newest else ["popular", "dresses"]
        return
    artifact = matched.artifact or {}
    wanted: Slots = {"category": matched.args.get("want") or []}
    subject = voice.subject(wanted) if wanted["category"] else voice.line("outfit.anything")
    if artifact.get("type") == "outfit" and artifact.get("looks"):
        _looks(artifact["looks"], voice, reply)
        reply.sentences.append(voice.line("outfit.next"))
        reply.suggestions += ["details1", "cart", "popular"]
        return
    elif artifact.get("items"):
        fresh = [i for i in artifact["items"] if i["id"] not in before.shown]
        if meaning.swapping and fresh:
            _swapped(fresh[0], voice, reply)
        else:
            _partners(artifact["items"], subject, voice, reply)
    else:
        reply.sentences.append(voice.line("outfit.nothing", subject=subject))
        reply.suggestions += ["similar", "popular"]
        return
    reply.sentences.append(voice.line("outfit.next_partner"))
    reply.suggestions += ["others", "cheaper", "cart"]


def _swapped(first: dict[str, Any], voice: Voice, reply: Any) -> None:
    reply.sentences.append(voice.line("outfit.swapped", first=first["name"], price=price_text(first)))
    why = str(first.get("why") or "").rstrip(" .。")
    if why:
        reply.sentences.append(voice.line("outfit.reason", reason=why[:1].upper() + why[1:]))


def _looks(looks: list[dict[str, Any]], voice: Voice, reply: Any) -> None:
    first = looks[0]
    pieces = voice.join([f"“{i['name']}”" for i in first["items"]], "and")
    key = "outfit.looks" if len(looks) > 1 else "outfit.look"
    reply.sentences.append(voice.line(key, count=len(looks), pieces=pieces, total=first["total"]["text"]))
    if first.get("reasons"):
        reason = str(first["reasons"][0]).rstrip(" .。")
        reply.sentences.append(voice.line("outfit.reason", reason=reason[:1].upper() + reason[1:]))


def _partners(items: list[dict[str, Any]], subject: str, voice: Voice, reply: Any) -> None:
    first = items[0]
    key = "outfit.partners" if len(items) > 1 else "outfit.partner"
    reply.sentences.append(
        voice.line(key, count=len(items), subject=subject, first=first["name"], price=price_text(first))
    )
    why = str(first.get("why") or "").rstrip(" .。")
    if why:
        reply.sentences.append(voice.line("outfit.reason", reason=why[:1].upper() + why[1:]))
