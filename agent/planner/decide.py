"""What a part of a message is for, by what the conversation is about: a photo at hand, a list, a search."""

import re
from collections.abc import Sequence

from agent.planner import leftovers, look_talk, memory_talk, patterns, photo_talk
from agent.planner.lexicon import Lexicon
from agent.planner.meaning import SEARCHES, Meaning, Part, Reference
from agent.planner.policy_cart import has_size, sizes_said
from agent.planner.references import described
from agent.planner.state import FIT, State
from prompts import taxonomy

_ABOUT_FOCUS = {"size": "sizes", "in_stock": "stock", "on_sale": "discount", "rating_min": "rating"}
_OF_THE_SHOP = frozenset({"policy", "order", "handoff", "memory"})  # what is sold has no say in these
_YES_NO = ("occasion", "season", "style", "pattern", "neckline", "sleeve", "length", "material")
_THAN = {"cheap": "cheaper", "expensive": "pricier"}
_THAN_REF = re.compile(r"比.{0,6}<(?:REF|DESC)>")
_WEIGHS = re.compile(
    r"\b(?:than|better|best|more|less|between|versus|vs|other)\b|<(?:CHEAP|CHEAPER|PRICIER|EXPENSIVE|RATED)>|更|比|别"
)
_SHOP_ONLY = frozenset({"price", "sizes", "stock", "rating", "care", "discount", "size_chart"})
# what a question for the shop's rules that names a garment or a photo may be taken for
_NOT_OF_GOODS = frozenset(
    {"ask_product", "ask_photo", "describe", "find", "refine", "more_like", "outfit", "order", "memory", "smalltalk",
     "out_of_scope", "try_on", "compare", "size_advice"}
)  # fmt: skip
ONLY_SEARCHED = frozenset({"price", "price_pref", "sort", "rating_min", "on_sale", "in_stock"})


def decide(
    part: Part, meaning: Meaning, state: State, photos: Sequence[str], focus: str | None, lexicon: Lexicon
) -> None:
    """Settle the intent by what the conversation is about: a photo at hand, a list, a search going on."""
    _decide(part, meaning, state, photos, focus, lexicon)
    photo_talk.settle(part, meaning, state, bool(focus))
    if part.intent in _NOT_OF_GOODS and patterns.turn_says("house_rule", meaning.tagged):
        part.intent, part.slots, part.references = "policy", {}, []
        return
    if meaning.memory.act == "forget" and _of_the_search(meaning, state):
        meaning.memory = memory_talk.Spoken()
    if meaning.memory.picked and state.cart and not photos:
        part.intent, part.slots, part.references = "cart_view", {}, []  # its lines tell the sizes
    elif part.intent in ("cart_remove", "memory") and _held(part, state):
        part.intent = "cart_remove"
    elif not (photos or focus):
        memory_talk.settle(part, meaning.memory, state.recall, state.seeking and state.latest == "list")


def _of_the_search(meaning: Meaning, state: State) -> bool:
    """ "forget the price limit", while one is sought by: not what is remembered of the shopper ("forget my budget")."""
    return bool(set(meaning.dropped) & set(state.slots)) and not patterns.turn_says("my_own", meaning.tagged)


def _decide(
    part: Part, meaning: Meaning, state: State, photos: Sequence[str], focus: str | None, lexicon: Lexicon
) -> None:
    photo = bool(photos)
    pointed = [r for r in part.references if r.kind != "photo"]
    at_photo = any(r.kind == "photo" or r.photo for r in part.references)
    _hood_or_hat(part, meaning, _may_have_a_hood(part, state))
    if part.intent == "compare" and _bounded_by_one(part):
        part.intent = "refine"  # "cheaper than the last one"
    attributes = {k for k in part.slots if k not in ("asks", "quantity")}
    intent = part.intent
    if intent == "compare" and meaning.ruled != "compare" and _of_one(part):
        intent = "ask_product" if part.slots.get("asks") else "find"  # "and the fourth?"
    if _of_the_list(part, meaning, state, attributes, bool(photos or focus)):
        intent, part.references = "refine", []
        part.slots.pop("asks", None)
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
        intent == "ask_product"
        and meaning.dropped
        and state.seeking
        and not any(r.ids and r.kind != "it" for r in pointed)
    ):
        intent = "refine"  # "多少钱都行" lets the price go and asks for none
    elif (
        intent == "describe"
        and not (photo or at_photo)
        and (focus or any(r.ids for r in pointed) or ((pointed or state.newest) and not state.pictures))
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
        if about and not pointed and not patterns.turn_says("any_of", part.text):
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
    if (
        intent == "more_like"
        and attributes == {"size"}
        and not (photo or at_photo or state.latest == "photo")
        and (any(r.ids for r in part.references) or (state.latest == "product" and state.focus))
    ):
        intent, part.slots["asks"] = "ask_product", ["sizes"]  # "the same in a bigger size, like XL"
    if intent == "more_like":
        for reference in part.references:
            if reference.photo and reference.where.get("category"):
                part.slots.setdefault("category", list(reference.where["category"]))
    if (
        intent == "ask_product"
        and state.asks
        and set(part.slots.get("asks", [])) <= {"description"}
        and patterns.turn_says("next_one", part.text)
    ):
        part.slots["asks"] = list(state.asks)  # "and the second to last?" asks of it what was asked before
    if intent == "ask_product" and state.asks == [FIT] and pointed:
        asked = set(part.slots.get("asks", []))
        follows = patterns.turn_says("next_one", part.text) or patterns.has_cue("carry", part.text)
        if FIT in asked or (follows and asked <= {"description"}):
            intent = "size_advice"  # "and the second?", after which size of the first to take
            part.slots.pop("asks", None)
    if intent == "ask_product" and not part.slots.get("asks"):
        part.slots["asks"] = _attributes_asked(part) or ["description"]
    if intent in ("", "find", "refine", "recommend", "others") and photo:
        intent = "more_like"
    if not intent.startswith("cart_") and intent not in _OF_THE_SHOP and _swap(part, meaning, state):
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
    if intent in ("find", "refine") and not attributes and "rating" in part.slots.get("asks", []):
        part.slots["sort"], attributes = "rating", {"sort"}  # "有没有评价更高的"
    if intent in ("find", "refine") and not attributes and not photo and not focus:
        intent = _wordless(part, intent, meaning, state, lexicon)
    if intent == "more_like" and not (photo or at_photo or pointed or focus or state.focus or state.photo):
        intent = "find" if attributes else intent
    if intent in ("find", "refine") and not focus and not meaning.unknown:
        intent = _search_intent(part, meaning, state, attributes)
    if intent == "out_of_scope" and part.weight < 12 and attributes:
        intent = "find"
    if intent == "out_of_scope" and part.weight < 12 and (kinds := _described_kinds(part)):
        part.slots["category"], part.references, intent = (
            kinds,
            [],
            "find",
        )  # a shop of tables is asked for one
    if intent == "cart_add" and not (part.references or photo) and _only_a_look(part, state):
        intent = "refine"  # "要白的" of a list with several of them
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
        part.slots = {k: v for k, v in part.slots.items() if k not in ONLY_SEARCHED}
    part.intent = intent


def _of_the_list(part: Part, meaning: Meaning, state: State, attributes: set[str], pointed: bool) -> bool:
    """ "42码有货吗", "有没有折扣", right after a list with nothing of it pointed at: which of it are so."""
    if pointed or state.latest != "list" or not state.seeking or len(state.newest) < 2:
        return False
    if any(r.ids and (r.kind != "described" or r.where) for r in part.references) or "<REF>" in part.text:
        return False  # what the ears point at with the whole message is no choice of the shopper's
    asked = set(part.slots.get("asks", []))
    if part.intent == "ask_product" and attributes == {"size"}:
        return asked <= {"sizes", "stock"}
    return part.intent == "policy" and meaning.ruled != "policy" and attributes == {"on_sale"}


_HOODED = ("tops", "outwear", "onepiece")
_LOOK = frozenset({"color", "pattern", "material", "sleeve", "neckline", "length", "style"})


def _only_a_look(part: Part, state: State) -> bool:
    """Nothing is said but how it is to look, which no rule takes for buying, and not one of those shown is alone so."""
    look = set(part.slots) - {"size", "asks", "quantity"}
    return (
        bool(look)
        and look <= _LOOK
        and part.weight < 9
        and state.seeking
        and state.latest == "list"
        and len(described({k: part.slots[k] for k in look}, state, "")) != 1
    )


def _may_have_a_hood(part: Part, state: State) -> bool:
    """What is pointed at, or talked of, is worn on the upper body."""
    ids = [i for r in part.references for i in r.ids] or state.focus
    kinds = [i.category for product in ids if (i := state.item(product))]
    if not kinds:
        return bool(part.references) and any(r.photo for r in part.references)
    return any(taxonomy.is_a(kind, k) for kind in kinds for k in _HOODED)


def _hood_or_hat(part: Part, meaning: Meaning, pointed: bool) -> None:
    """有帽子吗 is about a hood only of a garment that is being talked about; else hats are wanted."""
    said = (
        part.slots.get("neckline") == ["hooded"] and "category" not in part.slots and "帽子" in meaning.text
    )
    if said and not pointed and part.intent in ("ask_product", "find"):
        rest = {k: v for k, v in part.slots.items() if k not in ("neckline", "asks")}
        part.intent, part.slots = "find", {**rest, "category": ["hat"]}


def _held(part: Part, state: State) -> bool:
    """ "把L码那件删掉" with one in L in the cart: that one is to go, not what is remembered of sizes."""
    pointed = bool(part.references) or "<CART>" in part.text
    sizes = sizes_said(part)
    taken_out = any(rule.intent == "cart_remove" and rule.named(part.text) for rule in patterns.intents())
    return pointed and taken_out and any(has_size(line, sizes) for line in state.cart)


def _of_one(part: Part) -> bool:
    """One product is pointed at, and nothing is weighed against it."""
    return len({i for r in part.references for i in r.ids}) == 1 and not _WEIGHS.search(part.text)


def _bounded_by_one(part: Part) -> bool:
    """Nothing is asked: what is wanted costs less, or more, than one that is pointed at."""
    one = len({i for r in part.references for i in r.ids}) == 1
    bound = {"cheaper": "<CHEAPER>", "pricier": "<PRICIER>"}
    said = next(
        (k for k, tag in bound.items() if patterns.turn_says("than_one", part.text) and tag in part.text), ""
    )
    if not (one and said):
        return False
    part.slots["price_pref"] = said
    return True


_ASK_OF = {"color": "colors", "size": "sizes"}


def _attributes_asked(part: Part) -> list[str]:
    """ "is it formal", "is it for winter": the attribute that is named is what is asked about."""
    return [_ASK_OF.get(k, k) for k in part.slots if k in (*_YES_NO, "color", "size")]


def _let_go_of_photo(part: Part) -> None:
    part.references = [r.model_copy(update={"photo": None}) for r in part.references]


def _swap(part: Part, meaning: Meaning, state: State) -> bool:
    """ "other shoes", of a list of what goes with a thing: others of that kind for the same thing."""
    product, photo = state.outfit.get("product"), state.outfit.get("photo")
    if not (product or photo) or meaning.photo or not patterns.has_cue("swap", part.text):
        return False
    said = [c for r in part.references for c in r.where.get("category", [])]
    said = said or part.slots.get("category", []) or part.slots.get("not", {}).get("category", [])
    kinds = said or [i.category for r in part.references for j in r.ids[:1] if (i := state.item(j))]
    anchor = state.item(product) if product else None
    if not kinds or (anchor and any(taxonomy.is_a(anchor.category, k) for k in kinds)):
        return False
    narrower = [c for c in part.slots.get("category", []) if any(taxonomy.is_a(c, k) for k in kinds)]
    kinds = narrower or kinds  # "swap the shoes for boots"
    own = {k: v for k, v in part.slots.items() if k != "not"}
    part.slots = {**look_talk.still_wanted(state), **own, "category": list(kinds)}
    part.references = [look_talk.built_on(state)]
    meaning.swapping = True
    return True


def _another_piece(part: Part, state: State, attributes: set[str]) -> bool:
    """ "what about shoes?" after an outfit or what goes with a thing: of that kind, for the same thing."""
    product, photo = state.outfit.get("product"), state.outfit.get("photo")
    if not (product or photo) or attributes != {"category"} or not patterns.has_cue("carry", part.text):
        return False
    part.references = [look_talk.built_on(state)]
    return True


def _described_kinds(part: Part) -> list[str]:
    """The kinds of goods by which a message describes what it means."""
    return [kind for r in part.references if r.kind == "described" for kind in r.where.get("category", [])]


def _wordless(part: Part, intent: str, meaning: Meaning, state: State, lexicon: Lexicon) -> str:
    """A search for nothing that is known: what the words are decides, never the search that went on before."""
    if part.references or meaning.dropped or meaning.reset:
        return intent
    if "<GOODS>" in part.text:
        return "out_of_scope"  # "what about laptops?": said outright to be none of the shop's
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
