"""A message → its meaning: language, intents, slots, references, and the tool call it leads to. No acting here."""

import re
from collections.abc import Sequence

from agent.planner import intents, leftovers, numbers, patterns, references, slots
from agent.planner.intents import Sentence
from agent.planner.lexicon import Lexicon
from agent.planner.meaning import SEARCHES, Meaning, Part, Reference, Slots
from agent.planner.state import Pending, State, merge
from agent.planner.tagging import Tagged, tag
from agent.planner.text import LIMIT, clean
from prompts import language as languages
from prompts import taxonomy

_ABOUT_FOCUS = {"size": "sizes", "in_stock": "stock", "on_sale": "discount", "rating_min": "rating"}
_ON_PRODUCTS = frozenset({"ask_product", "outfit", "color", "cart_add", "size_advice"})
_ANSWERS = frozenset(
    {"find", "refine", "ask_product", "smalltalk", "out_of_scope"}
)  # what an answer may look like
_YES_NO = ("occasion", "season", "style", "pattern", "neckline", "sleeve", "length", "material")
_DECLINES = _ANSWERS | {"cart_remove"}
_THAN = {"cheap": "cheaper", "expensive": "pricier"}
_THAN_REF = re.compile(r"比.{0,6}<(?:REF|DESC)>")
_SHOP_ONLY = frozenset({"price", "sizes", "stock", "rating", "care", "discount", "size_chart"})
_ONLY_SEARCHED = frozenset({"price", "price_pref", "sort", "rating_min", "on_sale", "in_stock"})


def understand(
    text: str,
    photos: Sequence[str] = (),
    state: State | None = None,
    lexicon: Lexicon | None = None,
    *,
    language: str | None = None,
    focus: str | None = None,
) -> Meaning:
    """What `text` means after the conversation in `state`, which is not changed.

    `photos`: ids of photos that come with it (already in `state.pictures` where they were looked at); `focus`: a
    product pointed at by a button. At most the first 2,000 characters are read.
    """
    from agent.planner import policy

    state = state or State()
    lexicon = lexicon or Lexicon()
    language = language or languages.detect(text, state.language or "en")
    tagged = read(text, lexicon)
    found = references.find(tagged)
    meaning = Meaning(language=language, intent="smalltalk", intents=[], text=text, clipped=len(text) > LIMIT)
    meaning.tagged, meaning.photo = tagged.text, photos[0] if photos else None
    meaning.photos = list(photos)
    meaning.dropped = slots.dropped(tagged)
    meaning.reset = patterns.has_cue("reset", tagged.text)
    settled = [
        _settle(part, said, tagged, state, photos, focus, language)
        for part, said in intents.parts(tagged, found)
    ]
    if not settled:
        settled = [Part(intent="")]
    for part in settled:
        _decide(part, meaning, state, photos, focus, lexicon)
    _answer_pending(settled, meaning, state, tagged)
    _assemble(settled, meaning, state, tagged, found)
    calls = policy.plan(meaning, state)
    if calls:
        meaning.tool, meaning.args = calls[0].tool, calls[0].args
    return meaning


def read(text: str, lexicon: Lexicon) -> Tagged:
    """The tagged text of a raw message."""
    return tag(numbers.digits(lexicon.spell(clean(text))), lexicon)


def _settle(
    part: Part,
    said: Sequence[Sentence],
    tagged: Tagged,
    state: State,
    photos: Sequence[str],
    focus: str | None,
    language: str,
) -> Part:
    """Slots and references of one part. In a search a description is what is sought; elsewhere it points."""
    searching = part.intent in SEARCHES or not part.intent
    for sentence in said:
        pointing = [
            f
            for f in sentence.found
            if not (f.reference.kind in ("described", "photo") and searching)
            and not (f.reference.kind == "best" and part.intent in ("find", "refine", "recommend", ""))
        ]
        if searching and part.intent in ("more_like", "color"):
            pointing = [f for f in sentence.found if f.reference.kind != "photo"]
        here = slots.read(tagged, sentence.start, sentence.end, skip=[(f.start, f.end) for f in pointing])
        if here.get("quantity") == 1 and part.intent != "cart_change":
            del here["quantity"]  # "一条裙子" is a dress, not a quantity
        if not searching:
            here = {
                k: v
                for k, v in here.items()
                if k not in _ONLY_SEARCHED or (k == "price" and part.intent == "outfit")
            }
        part.slots = _joined(part.slots, here)
        if searching and re.fullmatch(
            r"\W*(?:(?:yes|yeah|ok|okay|hmm|那|嗯|好的?|就)\W*)?<DESC>\W*", sentence.text
        ):
            chosen = [references.resolve(f.reference, state, photos, language) for f in sentence.found]
            if any(r.ids for r in chosen):
                part.references += chosen  # "yes, the white one" picks from the list
                part.slots = {k: v for k, v in part.slots.items() if k not in here}
                continue
        for one in sentence.found:
            if one in pointing or one.reference.kind == "photo":
                part.references.append(references.resolve(one.reference, state, photos, language))
    if not part.references and part.intent not in (
        "find",
        "refine",
        "recommend",
        "smalltalk",
        "out_of_scope",
        "policy",
    ):
        ids = references.named(tagged.clean, state)
        if ids:
            part.references = [Reference(kind="named", text=i, ids=[i]) for i in ids]
    if any(r.kind in ("ordinal", "first", "final", "described", "named") and r.ids for r in part.references):
        part.references = [r for r in part.references if not (r.kind in ("all", "them") and r.n is None)]
    if focus:
        part.references = [r for r in part.references if r.kind not in ("it", "named")]
        part.references.insert(0, Reference(kind="it", text="", ids=[focus]))
    return part


def _joined(a: Slots, b: Slots) -> Slots:
    result: Slots = {
        k: (dict(v) if isinstance(v, dict) else list(v) if isinstance(v, list) else v) for k, v in a.items()
    }
    for name, value in b.items():
        if isinstance(value, list):
            result[name] = [*result.get(name, []), *(v for v in value if v not in result.get(name, []))]
        elif name == "not":
            result["not"] = _joined(result.get("not", {}), value)
        elif name == "price":
            result["price"] = {**result.get("price", {}), **value}
        else:
            result[name] = value
    narrow = result.get("category", [])
    result["category"] = [c for c in narrow if not any(o != c and taxonomy.is_a(o, c) for o in narrow)]
    return slots.ordered(result)


# -- what it is for, in this conversation ------------------------------------------------------------------------------


def _decide(
    part: Part, meaning: Meaning, state: State, photos: Sequence[str], focus: str | None, lexicon: Lexicon
) -> None:
    """Settle the intent by what the conversation is about: a photo at hand, a list, a search going on."""
    photo = bool(photos)
    pointed = [r for r in part.references if r.kind != "photo"]
    at_photo = any(r.kind == "photo" or r.photo for r in part.references)
    _hood_or_hat(part, meaning, bool(pointed or state.focus))
    attributes = {k for k in part.slots if k not in ("asks", "quantity")}
    intent = part.intent
    if intent == "ask_photo" and not (
        photo
        or at_photo
        or ((state.latest == "photo" or state.at_hand) and not focus and not any(r.ids for r in pointed))
    ):
        intent = (
            "ask_product" if pointed or state.focus or state.newest else "find" if attributes else "ask_photo"
        )
        part.slots.setdefault(
            "asks",
            [n for n, ps in patterns.asks().items() if any(p.search(part.text) for p in ps)]
            or ["description"],
        )
    elif intent == "ask_product" and (photo or (at_photo and not any(r.ids for r in pointed))) and not focus:
        shop_asked = bool(set(part.slots.get("asks", [])) & _SHOP_ONLY)
        kinds = [c for r in part.references for c in r.where.get("category", [])]
        listed = not kinds or any(taxonomy.is_a(i.category, c) for i in state.newest for c in kinds)
        if shop_asked and not photo and state.latest != "photo" and listed:
            _let_go_of_photo(part)  # "what does it cost" after a photo and a list: which of the list?
        else:
            intent = "more_like" if shop_asked else "ask_photo"
    elif (
        intent == "ask_product"
        and not pointed
        and not focus
        and not state.focus
        and state.at_hand
        and part.slots.get("asks")
        and not attributes
        and not set(part.slots["asks"]) & _SHOP_ONLY
    ):
        intent = "ask_photo"
    elif (
        intent == "describe"
        and not (photo or at_photo)
        and (focus or any(r.ids for r in pointed) or (pointed and not state.pictures))
    ):
        intent, part.slots["asks"] = "ask_product", ["description"]
    elif (
        intent == "ask_product"
        and not pointed
        and not focus
        and not state.focus
        and not state.newest
        and part.slots.get("category")
    ):
        intent = "find"
    elif (
        intent == "color"
        and not attributes
        and not (pointed or photo or at_photo or focus or state.focus)
        and state.newest
    ):
        part.references = [Reference(kind="it", text="")]  # "other colours?" of a list: which one?
    elif intent == "color" and not (pointed or photo or at_photo or focus or state.focus):
        intent = (
            "refine" if state.seeking and "category" not in part.slots else "find" if attributes else "color"
        )
    elif intent == "color" and photo:
        intent = "more_like"
    elif intent == "color" and "category" in part.slots and not pointed:
        intent = "find"
    if (
        intent in ("find", "refine", "")
        and not attributes - {"size"}
        and any(r.ids and r.kind != "them" for r in part.references)
    ):
        intent = "ask_product"  # "and the third?"
        if not part.slots.get("asks"):
            part.slots["asks"] = (
                state.asks
                if state.asks and not attributes and patterns.has_cue("carry", part.text)
                else ["sizes"]
                if attributes
                else ["description"]
            )
    elif (
        intent == "ask_product"
        and not pointed
        and not focus
        and attributes
        and state.latest == "list"
        and state.seeking
    ):
        intent = "refine"  # "有L码的吗" of a list
        part.slots.pop("asks", None)
    if (
        intent in ("find", "refine", "")
        and len(attributes) == 1
        and state.latest == "product"
        and state.focus
    ):
        about = _ABOUT_FOCUS.get(next(iter(attributes)))
        if about and not pointed:
            intent, part.slots["asks"] = "ask_product", [about]  # "有L码吗", "on sale?" after a product
    if (
        intent == "ask_product"
        and part.slots.get("asks") == ["care"]
        and not (pointed or focus or state.newest)
    ):
        intent = "policy"
    if (
        intent in ("more_like", "smalltalk", "find", "others")
        and not photo
        and any(r.ids and r.kind in ("ordinal", "described", "named", "best") for r in part.references)
        and patterns.has_cue("pick", part.text)
    ):
        intent, part.slots["asks"] = "ask_product", ["description"]  # "I like the second"
    if intent == "more_like":
        for reference in part.references:
            if reference.photo and reference.where.get("category"):
                part.slots.setdefault("category", list(reference.where["category"]))
    if intent == "ask_product" and not part.slots.get("asks"):
        part.slots["asks"] = _attributes_asked(part) or ["description"]
    if intent in ("", "find", "refine", "recommend", "others") and photo:
        intent = "more_like"
    if not intent.startswith("cart_") and _swap(part, meaning, state):
        part.intent = "outfit"
        return
    if (
        intent in ("", "find", "refine")
        and not pointed
        and not photo
        and _another_piece(part, state, attributes)
    ):
        part.intent = "outfit"
        return
    if intent == "":
        intent = _unspoken(part, meaning, state, focus, bool(attributes))
    if intent in ("find", "refine") and not attributes and not photo and not focus:
        intent = _wordless(part, intent, meaning, state, lexicon)
    if intent == "more_like" and not (photo or at_photo or pointed or focus or state.focus or state.photo):
        intent = "find" if attributes else intent
    if intent in ("find", "refine") and not focus and not meaning.unknown:
        intent = _search_intent(part, meaning, state, attributes)
    if intent == "out_of_scope" and part.weight < 12 and attributes:
        intent = "find"
    if intent == "cart_add" and photo and not any(r.ids for r in part.references):
        intent = "more_like"  # "I want this", with a photo
    if intent == "recommend" and part.slots.get("category"):
        intent = (
            "refine" if state.seeking and part.slots["category"] == state.slots.get("category") else "find"
        )
    if intent in SEARCHES:
        part.slots.pop("asks", None)
        if part.slots.get("price_pref") in _THAN and _THAN_REF.search(part.text):
            part.slots["price_pref"] = _THAN[part.slots["price_pref"]]  # 比第二件便宜的
            part.slots.pop("sort", None)
    elif intent != "outfit":
        part.slots = {k: v for k, v in part.slots.items() if k not in _ONLY_SEARCHED}
    part.intent = intent


def _hood_or_hat(part: Part, meaning: Meaning, pointed: bool) -> None:
    """有帽子吗 is about a hood only of a garment that is being talked about; else hats are wanted."""
    if part.slots.get("neckline") == ["hooded"] and "帽子" in meaning.text and not pointed:
        if "category" not in part.slots and part.intent == "ask_product":
            part.slots = {
                **{k: v for k, v in part.slots.items() if k not in ("neckline", "asks")},
                "category": ["hat"],
            }
            part.intent = "find"


_ASK_OF = {"color": "colors", "size": "sizes"}


def _attributes_asked(part: Part) -> list[str]:
    """ "is it formal", "is it for winter": the attribute that is named is what is asked about."""
    return [_ASK_OF.get(k, k) for k in part.slots if k in (*_YES_NO, "color", "size")]


def _let_go_of_photo(part: Part) -> None:
    part.references = [r.model_copy(update={"photo": None}) for r in part.references]


def _swap(part: Part, meaning: Meaning, state: State) -> bool:
    """ "swap the shoes" after an outfit: another piece of that kind for what the outfit was built on."""
    product, photo = state.outfit.get("product"), state.outfit.get("photo")
    if not (product or photo) or meaning.photo or not patterns.has_cue("swap", part.text):
        return False
    said = [c for r in part.references for c in r.where.get("category", [])]
    said = said or part.slots.get("category", []) or part.slots.get("not", {}).get("category", [])
    kinds = said or [i.category for r in part.references for j in r.ids[:1] if (i := state.item(j))]
    anchor = state.item(product) if product else None
    if not kinds or (anchor and any(taxonomy.is_a(anchor.category, k) for k in kinds)):
        return False
    part.slots = {**{k: v for k, v in part.slots.items() if k != "not"}, "category": list(kinds)}
    part.references = [Reference(kind="it", text="", ids=[product] if product else [], photo=photo)]
    meaning.swapping = True
    return True


def _another_piece(part: Part, state: State, attributes: set[str]) -> bool:
    """ "what about shoes?" after an outfit or what goes with a thing: of that kind, for the same thing."""
    product, photo = state.outfit.get("product"), state.outfit.get("photo")
    if not (product or photo) or attributes != {"category"} or not patterns.has_cue("carry", part.text):
        return False
    part.references = [Reference(kind="it", text="", ids=[product] if product else [], photo=photo)]
    return True


def _wordless(part: Part, intent: str, meaning: Meaning, state: State, lexicon: Lexicon) -> str:
    """A search for nothing that is known: what the words are decides, never the search that went on before."""
    if part.references or meaning.dropped or meaning.reset:
        return intent
    if patterns.has_cue("decline", part.text):
        held = [line["id"] for line in state.cart]
        inside = held and (state.latest == "cart" or (state.focus and state.focus[0] in held))
        return "cart_remove" if inside else "smalltalk"
    unknown = leftovers.foreign(part.text, lexicon)
    if unknown and part.weight >= 5 and unknown.isascii():
        return intent  # "with unicorns", "not for the bride": said of what is sought
    meaning.unknown = unknown
    return "find" if unknown else intent


def _unspoken(part: Part, meaning: Meaning, state: State, focus: str | None, attributes: bool) -> str:
    """No rule spoke: what stands there decides."""
    if any(r.ids for r in part.references) or focus:
        part.slots.setdefault("asks", ["description"])
        return "ask_product"
    if attributes or meaning.dropped or meaning.reset:
        return "find"
    if any(r.kind not in ("it", "them") for r in part.references):
        return "ask_product"
    if leftovers.content(part.text):
        return "refine" if state.seeking else "find"
    meaning.unclear = True
    return "out_of_scope"


def _search_intent(part: Part, meaning: Meaning, state: State, attributes: set[str]) -> str:
    """find starts a subject, refine goes on with it."""
    new, old = part.slots.get("category", []), state.slots.get("category", [])
    if not state.seeking or meaning.reset:
        return (
            "find" if attributes or part.intent == "find" or meaning.reset or not state.newest else "refine"
        )
    if not new:
        return "refine"
    if not old:
        return "refine"
    same = all(any(taxonomy.is_a(n, o) for o in old) for n in new)
    return (
        "refine"
        if same
        and (part.intent == "refine" or set(new) != set(old) or len(attributes) > 1)
        and part.weight != 4
        else ("refine" if patterns.has_cue("correct", part.text) else "find")
    )


def _answer_pending(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged) -> None:
    """An open question answered: "M", "the second one", "yes" — in few words, and with nothing else in mind."""
    pending = state.pending
    if pending is None or len(tagged.words) > 12 or len(parts) != 1:
        return
    part = parts[0]
    if (
        pending.intent == "cart_add"
        and pending.slot in ("size", "product")
        and part.intent in _DECLINES
        and not any(r.ids and r.kind != "it" for r in part.references)
        and patterns.has_cue("decline", tagged.text)
    ):
        part.intent, part.references, part.slots = "smalltalk", [], {}
        meaning.declined, meaning.unclear = True, False
        return
    if pending.slot == "yes":
        if patterns.has_cue("agree", tagged.clean):
            part.intent, part.slots = pending.intent, dict(pending.slots)
            part.references = (
                [Reference(kind="it", text="", ids=[pending.product])] if pending.product else []
            )
            meaning.answers_pending, meaning.unclear = True, False
        return
    size = part.slots.get("size") or _choice(tagged.clean, pending)
    if (
        pending.slot == "size"
        and size
        and part.intent
        in (
            "find",
            "refine",
            "ask_product",
            "cart_add",
            "cart_change",
            "smalltalk",
            "out_of_scope",
            "size_advice",
        )
    ):
        asked = part.intent == "ask_product" and any(mark in tagged.clean for mark in ("?", "吗"))
        if asked:
            return
        part.intent, part.slots["size"] = pending.intent, size[:1]
        part.slots.setdefault("quantity", pending.quantity)
        part.slots.pop("asks", None)
        if pending.product:
            part.references = [Reference(kind="it", text="", ids=[pending.product])]
        meaning.answers_pending, meaning.unclear = True, False
    elif pending.slot == "product" and part.weight < 6 and any(r.ids for r in part.references):
        if part.intent not in _ANSWERS:
            return
        part.intent = pending.intent
        part.slots = pending.slots | {k: v for k, v in part.slots.items() if k != "asks"}
        meaning.answers_pending, meaning.unclear = True, False


def _choice(text: str, pending: Pending) -> list[str]:
    """One of the offered choices, written out."""
    folded = text.strip(" .!,吧的码号")
    return [c for c in pending.choices if clean(c) == folded]


# -- the whole ---------------------------------------------------------------------------------------------------------


def _assemble(
    parts: list[Part], meaning: Meaning, state: State, tagged: Tagged, found: Sequence[references.Found]
) -> None:
    merged: list[Part] = []
    for part in parts:
        same = next((p for p in merged if p.intent == part.intent), None)
        if same is None:
            merged.append(part)
        else:
            same.slots = _joined(same.slots, part.slots)
            same.references += part.references
    _share_references(merged)
    meaning.parts = merged
    meaning.intents = [p.intent for p in merged]
    meaning.intent = meaning.intents[0]
    meaning.confidence = min(1.0, max(p.weight for p in merged) / 6) if not meaning.unclear else 0.0
    for part in merged:
        meaning.said = _joined(meaning.said, part.slots)
        meaning.references += part.references
    search = next((p for p in merged if p.intent in SEARCHES), None)
    if search is None:
        meaning.slots = dict(state.slots)
        return
    from agent.planner import policy

    category = search.slots.get("category")
    meaning.fresh = search.intent in ("find", "recommend") or (
        search.intent == "more_like" and any(r.ids or r.photo for r in search.references)
    )
    if search.intent == "more_like" and not category:
        # another thing to resemble is another subject
        anchor = policy.anchors(search, meaning, state)
        meaning.fresh = meaning.fresh or (any(anchor) and anchor != (state.photo, state.like))
    correcting = patterns.has_cue("correct", tagged.text)
    carrying = patterns.has_cue("carry", tagged.text)
    adding = search.intent != "find" and patterns.has_cue("also", tagged.text)
    if meaning.unknown:  # a thing of its own, if the shop has it at all
        meaning.fresh = True
    elif meaning.photo:  # a new photo is a new subject
        meaning.fresh, correcting, carrying, adding = True, False, False, False
    elif meaning.fresh and search.intent == "find" and (not category or carrying or correcting):
        meaning.fresh = not state.seeking
    wanted = {k: v for k, v in search.slots.items() if k not in ("asks", "quantity")}
    pointing = [(f.start, f.end) for f in found if f.reference.kind != "described"]
    meaning.words = leftovers.words(tagged, pointing)
    meaning.slots = merge(state, wanted, meaning, correcting=correcting, adding=adding, carrying=carrying)


def _share_references(parts: Sequence[Part]) -> None:
    """What a later wish does not name, the earlier one named: "add the second one and show me shoes to match"."""
    named: list[Reference] = []
    for part in parts:
        if named and part.intent in _ON_PRODUCTS and not any(r.ids or r.photo for r in part.references):
            part.references = list(named)
        named = [r for r in part.references if r.ids] or named
