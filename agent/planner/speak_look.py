"""What is said of whole looks: each by its idea and what it comes to, why the first, what changed, what could not be
met; and what is told of one of them afterwards."""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice, price_text
from agent.planner.reply import Reply
from agent.planner.state import State
from prompts import load, taxonomy
from tools.cards import phrase

# which piece a chip offers to swap, the first that the look has
_SWAPPED = ("shoes", "bag", "outer", "top", "bottom", "accessory")
_CASUAL = ("casual", "sporty")
_SAME_LEVEL = 0.15  # of four: a difference in formality that nobody sees


def looks(
    artifact: Mapping[str, Any],
    args: Mapping[str, Any],
    part: Part,
    meaning: Meaning,
    before: State,
    voice: Voice,
    reply: Reply,
) -> None:
    """Looks that were put together, or that there are none."""
    found: list[dict[str, Any]] = artifact.get("looks") or []
    if not found:
        if not artifact.get("problem"):
            reply.sentences.append(voice.line("outfit.no_look"))
        reply.suggestions += ["popular", "others"] if before.newest else ["popular"]
        return
    new = _new_piece(found, args) if args.get("swap") else []
    if new:
        _swapped(found, new, args, before, voice, reply)
    else:
        reply.sentences.append(_named(found, _lead(args, meaning, before), voice))
    own = list(dict.fromkeys(o["name"] for o in found[0].get("own") or []))
    if own:
        reply.sentences.append(voice.line("outfit.own", pieces=voice.join(own, "and")))
    first = found[0].get("idea") if len(found) > 1 and not new else None
    because((found[0].get("reasons") or [""])[0], voice, reply, first)
    if found[0].get("left") and "price" in part.slots and not artifact.get("problem"):
        one = len(found) == 1
        left = (
            voice.line("outfit.left", left=found[0]["left"]["text"]) if one else voice.line("outfit.within")
        )
        reply.sentences.append(left)
    reply.steps += [voice.line("outfit.next"), voice.line("outfit.next_add")]
    reply.suggestions += _chips(found[0], args)


def because(why: object, voice: Voice, reply: Reply, look: str | None = None) -> None:
    """The reason, as a sentence; of several looks it is told of which (`look`) it holds."""
    reason = str(why or "").rstrip(" .。")
    reason = reason[:1].upper() + reason[1:]
    if reason and look:
        reply.sentences.append(voice.line("outfit.reason_of", look=look, reason=reason))
    elif reason:
        reply.sentences.append(voice.line("outfit.reason", reason=reason))


def told(part: Part, meaning: Meaning, before: State, voice: Voice, reply: Reply) -> None:
    """What is asked of a look that was shown before: what it comes to, holds, why it is so."""
    nth = meaning.look_at
    look = before.look_at(nth)
    at = nth or before.at or 1
    values = {"look": _called(look, at, voice), "total": look["total"]}
    match meaning.telling:
        case "no_such":
            key = "outfit.no_such" if len(before.looks) > 1 else "outfit.no_such_one"
            reply.sentences.append(voice.line(key, count=len(before.looks)))
            reply.suggestions += [voice.line("quick.add_look", n=1), "other_looks"]
            return
        case "absent":
            kind = voice.line(
                "outfit.a_kind", kind=taxonomy.word("category", part.slots["category"][0], voice.lang)
            )
            reply.sentences.append(voice.line("outfit.absent", kind=kind))
            reply.steps.append(voice.line("outfit.next"))
            reply.suggestions += [*_chips_of(look, {}), "other_looks"]
            return
        case "total" if not nth and len(before.looks) > 1:
            each = [
                voice.line("outfit.named_one", look=_short(one, n, voice), total=one["total"])
                for n, one in enumerate(before.looks, 1)
            ]
            reply.sentences.append(voice.line("outfit.totals", looks=voice.join(each, "and")))
        case "total":
            reply.sentences.append(voice.line("outfit.total", **values))
        case "fits":
            _fits(part, look, values["look"], voice, reply)
        case "cheapest" | "dearest" | "dressiest" | "easiest" | "fittest":
            at = _ahead(part, meaning.telling, before, voice, reply)
        case "liked":
            reply.sentences.append(voice.line("outfit.liked", **values))
        case "together":
            _together(part, look, before, voice, reply)
        case "why":
            if look["reasons"]:
                reply.sentences.append(voice.line("outfit.why", **values))
                for reason in look["reasons"][:3]:
                    because(reason, voice, reply)
            else:
                reply.sentences.append(voice.line("outfit.why_plain", **values))
        case _:
            names = voice.join([f"“{name}”" for name in look["pieces"]], "and")
            reply.sentences.append(voice.line("outfit.holds", pieces=names, **values))
            because((look["reasons"] or [""])[0], voice, reply)
    reply.steps.append(voice.line("outfit.next_add"))
    reply.suggestions += [voice.line("quick.add_look", n=at), *_chips_of(look, {})[:2]]


def _together(part: Part, look: Mapping[str, Any], before: State, voice: Voice, reply: Reply) -> None:
    """Why two pieces of one look go together: the reason that one of them was taken for."""
    kinds = part.slots.get("category", [])
    for product in look["ids"]:
        item = before.item(product)
        if item and item.why and any(taxonomy.is_a(item.category, k) for k in kinds):
            reply.sentences.append(voice.line("outfit.together", name=item.name, why=item.why.rstrip(" .。")))
            return
    reply.sentences.append(
        voice.line("outfit.together_plain", reason=(look["reasons"] or [""])[0].rstrip(" .。"))
        if look["reasons"]
        else voice.line("outfit.together_unsure")
    )


def _fits(part: Part, look: Mapping[str, Any], called: str, voice: Voice, reply: Reply) -> None:
    """Whether a look is right for an occasion, as far as its pieces' descriptions say."""
    occasion = part.slots["occasion"][-1]
    right: list[str] = []
    rest: list[str] = []
    for product, name in zip(look["ids"], look["pieces"], strict=True):
        (right if occasion in look["occasions"].get(product, []) else rest).append(f"“{name}”")
    values = {
        "look": called,
        "occasion": phrase("occasion", occasion, voice.lang),
        "right": voice.join(right, "and"),
        "rest": voice.join(rest, "and"),
        "is_are": "is" if len(right) == 1 else "are",
    }
    key = "fits" if not rest else "fits_partly" if right else "fits_not"
    reply.sentences.append(voice.line(f"outfit.{key}", **values))


def _ahead(part: Part, more: str, before: State, voice: Voice, reply: Reply) -> int:
    """Which of the looks is the cheapest, the most dressed-up … as a sentence; its place, from 1."""
    occasion = (part.slots.get("occasion") or [""])[-1]
    named = {"occasion": phrase("occasion", occasion, voice.lang)} if occasion else {}

    def measure(look: Mapping[str, Any]) -> float:
        if more in ("cheapest", "dearest"):
            return float(look["amount"]) * (-1 if more == "cheapest" else 1)
        if more == "fittest":
            right = [occasion in look["occasions"].get(i, []) for i in look["ids"]]
            return sum(right) / max(len(right), 1)
        return float(look.get("level") or 0.0) * (-1 if more == "easiest" else 1)

    ranked = sorted(enumerate(before.looks, 1), key=lambda one: -measure(one[1]))
    told = {n: voice.line("outfit.named_one", look=_short(look, n, voice), total=look["total"])
            for n, look in ranked}  # fmt: skip
    best = measure(ranked[0][1])
    if more == "fittest" and best <= 0:
        reply.sentences.append(voice.line("outfit.none_fit", **named))
        return ranked[0][0]
    near = _SAME_LEVEL if more in ("dressiest", "easiest") else 0.0
    first = [n for n, look in ranked if best - measure(look) <= near]
    if len(first) == len(ranked):
        kind = {"cheapest": "price", "dearest": "price", "fittest": "fit"}.get(more, "level")
        looks = voice.join([told[n] for n in first], "and")
        reply.sentences.append(voice.line(f"outfit.alike.{kind}", looks=looks, **named))
        return first[0]
    looks = voice.join([told[n] for n in first], "and")
    reply.sentences.append(voice.line(f"outfit.more.{more}", looks=looks, **named))
    rest = voice.join([told[n] for n, _ in ranked if n not in first], "and")
    reply.sentences.append(voice.line("outfit.more_rest", looks=rest))
    return first[0]


def _short(look: Mapping[str, Any], nth: int, voice: Voice) -> str:
    return f"“{look['idea']}”" if look.get("idea") else voice.line("outfit.nth", n=_ordinal(nth, voice))


def _called(look: Mapping[str, Any], nth: int, voice: Voice) -> str:
    place = voice.line("outfit.nth", n=_ordinal(nth, voice))
    return voice.line("outfit.nth_idea", nth=place, idea=look["idea"]) if look.get("idea") else place


def _ordinal(nth: int, voice: Voice) -> str:
    names: dict[int, dict[str, str]] = load("replies")["words"]["nth"]
    return names[nth][voice.lang] if nth in names else str(nth)


def _lead(args: Mapping[str, Any], meaning: Meaning, before: State) -> str:
    """What of the looks is new, by what was asked of them now and not before: the name of a line."""
    was = before.outfit if meaning.look else {}
    if not meaning.look:
        return "looks"
    if args.get("exclude"):
        return "others"
    if args.get("keep") and args.get("keep") != was.get("keep"):
        return "kept"
    if args.get("budget") and all(look["amount"] > args["budget"] for look in before.looks):
        return "cheaper"
    if isinstance(step := args.get("formality"), int):
        return "smarter" if step > 0 else "looser"
    return "again"


def _named(found: Sequence[dict[str, Any]], lead: str, voice: Voice) -> str:
    """ "I put together 3 looks: “Smart for the office” ($210.00) …"; where they have no names, the pieces of the
    first."""
    if all(look.get("idea") for look in found):
        each = [
            voice.line("outfit.named_one", look=f"“{look['idea']}”", total=look["total"]["text"])
            for look in found
        ]
        key = f"outfit.lead.{lead}" if len(found) > 1 else f"outfit.lead_one.{lead}"
        return voice.line(key, count=len(found), looks=voice.join(each, "and"))
    pieces = voice.join([f"“{i['name']}”" for i in found[0]["items"]], "and")
    key = "outfit.looks" if len(found) > 1 else "outfit.look"
    return voice.line(key, count=len(found), pieces=pieces, total=found[0]["total"]["text"])


def _new_piece(found: Sequence[dict[str, Any]], args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of each look the piece that took another's place; [] where more than that changed."""
    kept = set(args.get("look") or ())
    new = [[i for i in look["items"] if i["id"] not in kept] for look in found]
    return [one[0] for one in new] if all(len(one) == 1 for one in new) else []


def _swapped(
    found: Sequence[dict[str, Any]],
    new: Sequence[dict[str, Any]],
    args: Mapping[str, Any],
    before: State,
    voice: Voice,
    reply: Reply,
) -> None:
    gone = next((before.item(i) for i in args.get("exclude") or [] if before.item(i)), None)
    each = [voice.line("outfit.named_one", look=f"“{p['name']}”", total=price_text(p)) for p in new]
    old = f"“{gone.name}”" if gone else voice.line("outfit.that_piece")
    key = "outfit.instead" if len(new) > 1 else "outfit.instead_one"
    reply.sentences.append(voice.line(key, old=old, pieces=voice.join(each, "or"), count=len(new)))
    totals = sorted(found, key=lambda look: float(look["total"]["amount"]))
    low, high = totals[0]["total"]["text"], totals[-1]["total"]["text"]
    key = "outfit.comes_to" if low == high else "outfit.comes_to_range"
    reply.sentences.append(voice.line(key, low=low, high=high))


def _chips(look: Mapping[str, Any], args: Mapping[str, Any]) -> list[str]:
    slots = {i["id"]: i.get("slot") for i in look["items"]}
    anchor = {args.get("product"), *(args.get("products") or [])}
    added = {k: v for k, v in slots.items() if k not in anchor}
    return [*_chips_of({"slots": added}, args), "add_look1"]


def _chips_of(look: Mapping[str, Any], args: Mapping[str, Any]) -> list[str]:
    has = set(look["slots"].values())
    swap = next((f"swap_{slot}" for slot in _SWAPPED if slot in has), "other_looks")
    low = args.get("formality")
    casual = low in _CASUAL or (isinstance(low, int) and low < 0)
    return [swap, "smarter" if casual else "more_casual"]
