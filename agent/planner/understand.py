"""A message → its meaning: language, intents, slots, references, and the tool call it leads to. No acting here."""

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.planner import (
    brands,
    colour_talk,
    confidence,
    finer,
    intents,
    kinds,
    leftovers,
    look_asked,
    look_talk,
    memory_talk,
    numbers,
    order_talk,
    patterns,
    policy_recommend,
    references,
    revisit,
    ruled_out,
    slots,
)
from agent.planner.cart_meant import corrected, not_of_the_cart, not_to_be_had
from agent.planner.decide import ONLY_SEARCHED, decide
from agent.planner.ears import Ears
from agent.planner.elsewhere import looked_for
from agent.planner.hearing import ON_PRODUCTS, Listener, keep, listen, point
from agent.planner.intents import Sentence
from agent.planner.lexicon import Lexicon
from agent.planner.manners import bare
from agent.planner.meaning import SEARCHES, Meaning, Part, Reference, Slots
from agent.planner.pending import answer_pending
from agent.planner.policy import plan
from agent.planner.policy_cart import fitting
from agent.planner.policy_search import anchors
from agent.planner.shares import shared_out
from agent.planner.state import State, merge
from agent.planner.steer import steer
from agent.planner.tagging import Tagged, tag
from agent.planner.text import LIMIT as READ
from agent.planner.text import clean
from prompts import language as languages
from prompts import taxonomy

_WHOSE = ("size", "gender", "age_group")


def understand(
    text: str,
    photos: Sequence[str] = (),
    state: State | None = None,
    lexicon: Lexicon | None = None,
    *,
    language: str | None = None,
    focus: str | None = None,
    garment: tuple[str, int] | None = None,
    ears: Ears | None = None,
) -> Meaning:
    """What `text` means after the conversation in `state`, which is not changed.

    `photos`: ids of photos that come with it (already in `state.pictures` where they were looked at); `focus`: a
    product pointed at by a button; `garment`: (photo, place) of a garment pointed at in a photo. At most the first
    2,000 characters are read.
    """
    state = state or State()
    lexicon = lexicon or Lexicon()
    language = language or languages.detect(text, state.language or "en")
    said, text = text, bare(text, lambda left: _says_something(left, lexicon))
    tagged = read(text, lexicon)
    if not state.back:
        state = revisit.taken_up(tagged, state)
    found = references.find(tagged)
    meaning = Meaning(language=language, intent="smalltalk", intents=[], text=said, clipped=len(said) > READ)
    meaning.tagged, meaning.photo = tagged.text, state.meant(photos)
    meaning.photos = list(photos)
    meaning.memory = memory_talk.spoken(tagged)
    meaning.dropped = slots.dropped(tagged)
    folded = clean(text)
    meaning.spelt = spelt if (spelt := lexicon.spell(folded)) != folded else ""
    meaning.reset = patterns.has_cue("reset", tagged.text)
    parts = intents.parts(tagged, found)
    meaning.ruled = parts[0][0].intent if parts else ""
    listener = None
    if ears:
        parts, listener = listen(
            ears, parts, tagged, found, state, photos, lambda text: _heard(text, lexicon)
        )
        meaning.heard = listener.heard.intents if listener else {}
        parts, alone = _what_is_added(parts, listener.alone if listener else [])
        listener = replace(listener, alone=tuple(alone)) if listener else None
    settled = [
        _settle(part, said, tagged, state, photos, _pointed(focus, garment), language, _of(listener, part))
        for part, said in parts
    ]
    if not settled:
        settled = [Part(intent="")]
    if listener and not (focus or garment):
        for part, own in zip(settled, listener.alone or [listener], strict=False):
            point(part, own)
    if not (meaning.photo or focus or garment):
        for part, (_, said_of_it) in zip(settled, parts, strict=False):
            looked_for(part, said_of_it, tagged, state)
    of_looks = not (focus or garment) and look_talk.settle(settled, meaning, state, tagged)
    for part in settled if not of_looks else ():
        decide(part, meaning, state, photos, focus, lexicon)
        keep(part, state, listener, bool(meaning.photo))
    if not (of_looks or focus or garment):
        look_asked.settle(settled, meaning, state, tagged)
        if len(settled) == 1:
            policy_recommend.hear(settled[0], meaning, tagged.text)
    if languages.foreign(text):
        settled, meaning.foreign = [Part(intent="out_of_scope", weight=12, text=text)], True
    references.one_thing(settled, tagged)
    _brands(settled, text, tagged, state, meaning)
    settled = _as_one_comparison(_as_one_add(settled))
    if all(p.intent == "smalltalk" for p in settled) and intents.refused(tagged, found):
        meaning.declined = True
    not_to_be_had(settled, meaning, state, tagged)
    steer(settled, meaning, state, tagged)
    answer_pending(settled, meaning, state, tagged)
    corrected(settled, meaning, state, tagged)
    not_of_the_cart(settled, meaning, state)
    finer.refused(settled, meaning, state, tagged)
    colour_talk.settle(settled, meaning, state, tagged)
    if lexicon.orders and not (focus or garment or photos) and not meaning.foreign:
        order_talk.settle(settled, meaning, state, tagged)
    search = next((group for group in parts if group[0].intent in ("find", "refine", "recommend")), None)
    if search and not meaning.photo and not (focus or garment):
        meaning.kinds = kinds.apart(*search, tagged, _of(listener, search[0]))
        for kind in meaning.kinds:
            search[0].slots = _joined(search[0].slots, kind)
    elsewhere = [(s.start, s.end) for part, said in parts if part.intent not in SEARCHES for s in said]
    _assemble(settled, meaning, state, tagged, found, elsewhere)
    if garment:
        meaning.words = ""  # what the finger shows is looked for by its looks, not by its name
    if listener and not {"description", "why"} & set(meaning.said.get("asks", [])):
        meaning.said = slots.ordered({**meaning.said, "asks": listener.asks()})
    if meaning.said.get("price"):
        _of_other_money(meaning, state, numbers.other_currency(tagged.clean, lexicon.currency))
    meaning.confidence = 1.0 if meaning.order_said.doing else confidence.of(meaning)
    meaning.never = ruled_out.after(state.never, tagged, meaning.parts)
    calls = plan(meaning, state)
    if calls:
        meaning.tool, meaning.args = calls[0].tool, calls[0].args
    return meaning


def _says_something(text: str, lexicon: Lexicon) -> bool:
    """More than yes, no and thanks: it names a thing, points at one, or a rule hears a wish in it."""
    tagged, found = _heard(clean(text), lexicon)
    parts = intents.parts(tagged, found)
    return bool(tagged.tags or found or (parts and parts[0][0].intent not in ("", "smalltalk")))


def read(text: str, lexicon: Lexicon) -> Tagged:
    """The tagged text of a raw message."""
    return tag(numbers.digits(lexicon.spell(clean(text))), lexicon)


def _of_other_money(meaning: Meaning, state: State, currency: str) -> None:
    """An amount of another money bounds nothing here: rates are not known, and the number is not passed off as the
    shop's."""
    if not currency:
        return
    meaning.abroad = currency
    kept = {} if meaning.fresh else {k: v for k, v in state.slots.items() if k == "price"}
    meaning.slots = {k: v for k, v in meaning.slots.items() if k != "price"} | kept
    for part in meaning.parts:
        part.slots = {k: v for k, v in part.slots.items() if k != "price"}


def _was_shown(where: Slots, state: State) -> bool:
    """Something of that kind, or where no kind is named, anything at all."""
    kinds = where.get("category")
    return any(kinds is None or any(taxonomy.is_a(i.category, k) for k in kinds) for i in state.items())


def _brands(parts: Sequence[Part], text: str, tagged: Tagged, state: State, meaning: Meaning) -> None:
    """What is sought "from that brand" is from the one that is meant; a brand that no shop's list of brands knows is
    sought all the same."""
    for part in parts:
        ids = [i for r in part.references for i in r.ids]
        same = brands.meant(tagged.clean, state, ids)
        kinds = [v for t in tagged.tags for v in t.mention.meanings.slots.get("category", [])]
        if same and kinds and part.intent in ("ask_product", "describe", "more_like"):
            part.intent = "find"  # "and shirts from that brand?"
            part.slots = {"category": kinds}
        if part.intent not in SEARCHES or "brand" in part.slots:
            continue
        if same and part.intent == "more_like":
            part.intent, part.references = "find" if part.slots.get("category") else "refine", []
            # "more from that brand": of the same kind, for the same person, however else it looks
            kept = (*_WHOSE, "category", "brand", *part.slots)
            meaning.dropped += [k for k in state.slots if k not in (*kept, *meaning.dropped)]
        elif part.intent == "more_like" and (other := brands.another(tagged.clean, state, ids)):
            part.slots = slots.ordered({**part.slots, "not": {**part.slots.get("not", {}), "brand": [other]}})
            continue
        if names := same or brands.named(text):
            part.slots = slots.ordered({**part.slots, "brand": names})


def _heard(text: str, lexicon: Lexicon) -> tuple[Tagged, list[references.Found]]:
    tagged = tag(text, lexicon)
    return tagged, references.find(tagged)


def _of(listener: Listener | None, part: Part) -> Listener | None:
    """Who listens to a part: beside other wishes, what is named in a search is sought, whatever they are for."""
    if listener and listener.alone and part.intent in SEARCHES:
        return replace(listener, intent=part.intent)
    return listener


def _settle(
    part: Part,
    said: Sequence[Sentence],
    tagged: Tagged,
    state: State,
    photos: Sequence[str],
    pointed: Reference | None,
    language: str,
    listener: Listener | None = None,
) -> Part:
    """Slots and references of one part. In a search a description is what is sought; elsewhere it points."""
    searching = part.intent in SEARCHES or not part.intent
    part.said = [references.original(tagged, s.start, s.end) for s in said]
    shares = shared_out(tagged, [f for s in said for f in s.found], listener)
    for sentence in said:
        if sentence.refuses and part.intent != "smalltalk":
            continue  # what was not asked for is no part of what is
        pointing = [
            f
            for f in sentence.found
            if not (f.reference.kind in ("described", "photo") and searching)
            and not (f.reference.kind == "best" and part.intent in ("find", "refine", "recommend", ""))
        ]
        if searching and part.intent in ("more_like", "color"):
            pointing = [f for f in sentence.found if f.reference.kind != "photo"]
        here = slots.read(
            tagged, sentence.start, sentence.end, skip=[(f.start, f.end) for f in pointing], by=listener
        )
        if listener and searching and not pointing and not here and len(tagged.words) <= 4:
            here = slots.read(
                tagged, sentence.start, sentence.end
            )  # "red", of a list: a search wants something
        if here.get("quantity") == 1 and part.intent != "cart_change":
            del here["quantity"]  # "一条裙子" is a dress, not a quantity
        if not searching:
            here = {
                k: v
                for k, v in here.items()
                if k not in ONLY_SEARCHED or (k == "price" and part.intent == "outfit")
            }
        part.slots = _joined(part.slots, here)
        if searching and re.fullmatch(
            r"\W*(?:(?:yes|yeah|ok|okay|hmm|那|嗯|好的?|就)\W*)?<DESC>\W*", sentence.text
        ):
            chosen = [references.resolve(f.reference, state, photos, language) for f in sentence.found]
            if any(r.ids for r in chosen) and not any(len(r.ids) > 1 and _plural(r) for r in chosen):
                part.references += chosen  # "yes, the white one" picks from the list
                part.slots = {k: v for k, v in part.slots.items() if k not in here}
                continue
        if listener and not searching and not any(f.reference.where for f in sentence.found):
            where = slots.pointing(tagged, sentence.start, sentence.end, listener)
            if where and state.cart and part.intent in ("cart_remove", "cart_change"):
                # of the cart, whatever list was shown since; where nothing in it is so, it is asked which
                held = fitting(where, state)
                part.references.append(
                    Reference(kind="described", text=sentence.text, where=where, ids=[held] if held else [])
                )
            elif where and not (
                _was_shown(where, state)
                and (part.intent != "outfit" or references.described(where, state, language))
            ):  # it can be searched for
                part.references.append(Reference(kind="described", text=sentence.text, where=where))
        for one in sentence.found:
            if one in pointing or one.reference.kind == "photo":
                meant = references.resolve(one.reference, state, photos, language)
                if meant.kind in ("described", "it") and not _plural(meant):
                    meant.ids = references.by_name(meant.ids, tagged.clean, state)
                part.references.append(meant.model_copy(update={"own": shares.get(one.start, {})}))
    if len({i for r in part.references for i in r.ids}) == 1:  # "take it in L, the darker one"
        part.references = [r.model_copy(update={"own": {}}) for r in part.references]
    if len(said) > 1:
        slots.made_plain([tag for s in said for tag in s.tags], part.slots)
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
    single = {i for r in part.references if r.kind not in ("all", "them", "it") for i in r.ids}
    if single:  # "the first and the third, both in L"
        part.references = [
            r for r in part.references if r.kind not in ("all", "them") or (r.n and r.n != len(single))
        ]
    if pointed and pointed.photo:
        # The words name what the finger shows; only what they add to it is a wish.
        if part.intent in ("find", "refine", "color", ""):
            part.intent = "more_like"
        part.references = [pointed]
        part.slots = _unlike(part.slots, state, pointed)
    elif pointed:
        part.references = [r for r in part.references if r.kind not in ("it", "named")]
        part.references.insert(0, pointed)
    return part


def _plural(reference: Reference) -> bool:
    """ "the woollen ones", 那些白色的: those of the list, not one of it."""
    return bool(patterns.turn_says("several", reference.text))


def _pointed(focus: str | None, garment: tuple[str, int] | None) -> Reference | None:
    """What a button or a box pointed at."""
    if garment:
        return Reference(kind="it", text="", photo=garment[0], garment=garment[1])
    return Reference(kind="it", text="", ids=[focus]) if focus else None


def _unlike(slots: Slots, state: State, pointed: Reference) -> Slots:
    """The slots without what the garment pointed at is anyway."""
    picture = state.picture(pointed.photo)
    garment = (picture.at(pointed.garment or 0) if picture else None) or {}
    own = {v for a in ("kind", "category", "colors", "pattern") for v in _values(garment.get(a))}
    own |= {
        c
        for v in _values(garment.get("kind")) + _values(garment.get("category"))
        for c in taxonomy.ancestors(v)
    }
    return {k: v for k, v in slots.items() if k not in ("category", "color", "pattern") or not set(v) <= own}


def _values(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else [str(value)] if value else []


# nothing but which one it is, and in what size: no question, and no wish of its own
_ONLY_WHICH = re.compile(
    r"(?:<(?:DESC|REF|SIZE|COLOR|QTY)>|\W|\bin\b|\bsize\b|\bthe\b|\bplease\b|[码号的要])*"
)
_ONLY_SIZE = re.compile(r"(?:<SIZE>|\W|\bin\b|\ba\b|\bsize\b|\bplease\b|[码号的])*")


def _what_is_added(
    parts: Sequence[tuple[Part, Sequence[Sentence]]], alone: Sequence[Listener]
) -> tuple[list[tuple[Part, list[Sentence]]], list[Listener]]:
    """What says which thing goes into the cart, and in what size, stays with that: "the grey one in M, add it"; "the
    first in my cart, size M, and show me jeans". With who listens to each part alone, where somebody does."""
    kept: list[tuple[Part, list[Sentence]]] = []
    own = list(alone)
    for part, sentences in parts:
        said = list(sentences)
        last, before = kept[-1] if kept else (None, [])
        if last and last.intent == "cart_add" and part.intent != "cart_add":
            while said and "<SIZE>" in said[0].text and _ONLY_SIZE.fullmatch(said[0].text):
                before.append(said.pop(0))
        which = part.intent == "cart_add" and last and last.intent == "ask_product"
        if which and all(_ONLY_WHICH.fullmatch(s.text) for s in before):
            said = [*kept.pop()[1], *said]
            if own:
                del own[len(kept)]
        if said:
            kept.append((part, said))
        elif own:
            del own[len(kept)]
    return kept, own


def _as_one_add(parts: list[Part]) -> list[Part]:
    """ "add the first one, make it two": the change is of what is only being added."""
    kept: list[Part] = []
    for part in parts:
        last = kept[-1] if kept else None
        its_own = any(r.kind not in ("it", "them") for r in part.references)
        if last and last.intent == "cart_add" and part.intent == "cart_change" and not its_own:
            last.slots = {**last.slots, **{k: part.slots[k] for k in ("size", "quantity") if k in part.slots}}
            continue
        meant = {i for r in part.references for i in r.ids}
        asked = {i for r in last.references for i in r.ids} if last else set()
        if last and last.intent == "ask_product" and part.intent == "cart_add" and meant <= asked:
            part.slots = {k: v for k, v in last.slots.items() if k == "size"} | part.slots  # "in XL? add it"
        kept.append(part)
    return kept


def _as_one_comparison(parts: list[Part]) -> list[Part]:
    """ "How are the reviews of the first two, which is better?": what is asked of them is what they are compared by."""
    kept: list[Part] = []
    for part in parts:
        last = kept[-1] if kept else None
        several = last is not None and len({i for r in last.references for i in r.ids}) > 1
        its_own = any(r.kind in ("ordinal", "first", "final", "best") for r in part.references)
        if last and several and last.intent == "ask_product" and part.intent == "compare" and not its_own:
            last.intent, last.slots = "compare", _joined(last.slots, part.slots)
        else:
            kept.append(part)
    return kept


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


def _assemble(
    parts: list[Part],
    meaning: Meaning,
    state: State,
    tagged: Tagged,
    found: Sequence[references.Found],
    elsewhere: Sequence[tuple[int, int]],
) -> None:
    """The meaning of the whole message. `elsewhere`: what of it is said of something else than a search."""
    merged: list[Part] = []
    for part in parts:
        same = next((p for p in merged if p.intent == part.intent), None)
        if same is None:
            merged.append(part)
        else:
            same.slots = _joined(same.slots, part.slots)
            same.references += part.references
            same.said += part.said
    _share_references(merged)
    meaning.parts = merged
    meaning.intents = [p.intent for p in merged]
    meaning.intent = meaning.intents[0]
    for part in merged:
        meaning.said = _joined(meaning.said, part.slots)
        meaning.references += part.references
    if meaning.answers_pending and meaning.said.get("quantity") == 1:
        del meaning.said["quantity"]  # the question's, not this message's
    if meaning.dropped:
        meaning.said["any"] = list(meaning.dropped)
    search = next((p for p in merged if p.intent in SEARCHES), None)
    if search is None or meaning.choosing or meaning.previewing:
        meaning.slots = dict(state.slots)
        return
    category = search.slots.get("category")
    meaning.fresh = search.intent in ("find", "recommend") or (
        search.intent == "more_like" and any(r.ids or r.photo for r in search.references)
    )
    if search.intent == "more_like" and not category:
        # another thing to resemble is another subject
        anchor = anchors(search, meaning, state)
        meaning.fresh = meaning.fresh or (any(anchor) and anchor != (state.photo, state.like))
    correcting = patterns.has_cue("correct", tagged.text)
    carrying = patterns.has_cue("carry", tagged.text)
    adding = search.intent != "find" and patterns.has_cue("also", tagged.text)
    if meaning.unknown:  # a thing of its own, if the shop has it at all
        meaning.fresh = True
    elif search.apart or meaning.photo:
        meaning.fresh, correcting, carrying, adding = True, False, False, False
    elif meaning.fresh and search.intent == "find" and (not category or carrying or correcting):
        meaning.fresh = not state.seeking
    wanted = {k: v for k, v in search.slots.items() if k not in ("asks", "quantity")}
    cut, wanted = slots.outer_length(wanted, {**state.slots, **wanted}, meaning.language)
    pointing = [(f.start, f.end) for f in found if f.reference.kind != "described"]
    # what was wrong about a refused thing ("flashy") is not sought
    meaning.words = (
        "" if meaning.refusing or meaning.shade else leftovers.words(tagged, [*pointing, *elsewhere])
    )
    meaning.words = " ".join([*cut, meaning.words]).strip()
    meaning.slots = merge(state, wanted, meaning, correcting=correcting, adding=adding, carrying=carrying)
    if (
        meaning.fresh
        and not meaning.reset
        and (category or []) == (state.slots.get("category") or category or [])
    ):
        # what must not be in a sweater must not be in another like it
        meaning.slots = _refused_still(meaning.slots, state.slots.get("not", {}), search.intent)
    before = [] if meaning.kinds or meaning.fresh else state.kinds
    if before and category and len(named := kinds.narrowed(before, category)) == 1:
        state, before = state.model_copy(update={"slots": named[0]}), []
        meaning.slots = merge(state, wanted, meaning, correcting=correcting, adding=False, carrying=carrying)
    each = [(state, kind) for kind in meaning.kinds] or [
        (state.model_copy(update={"slots": kind}), wanted) for kind in before if not category
    ]
    meaning.kinds = [
        merge(one, said, meaning, correcting=correcting, adding=False, carrying=carrying)
        for one, said in each
    ]
    alike = search.intent == "more_like" and not (category or meaning.photo or state.photo)
    if (
        meaning.fresh
        and not meaning.reset
        and (alike or (category and category == state.slots.get("category")))
    ):
        # another look at the same kind of thing is for the same person
        whose = {k: state.slots[k] for k in _WHOSE if state.slots.get(k) and k not in meaning.slots}
        meaning.slots = slots.ordered({**meaning.slots, **whose})


def _refused_still(wanted: Slots, refused: Slots, intent: str) -> Slots:
    """What was refused before and is not wanted now: all of it for more of the same, else what cannot be worn."""
    still = {
        attribute: [v for v in values if v not in wanted.get(attribute, [])]
        for attribute, values in refused.items()
        if attribute == "material" or (intent == "more_like" and attribute != "category")
    }
    return slots.ordered(
        {**wanted, "not": {**{a: v for a, v in still.items() if v}, **wanted.get("not", {})}}
    )


def _share_references(parts: Sequence[Part]) -> None:
    """What a later wish does not name, the earlier one named: "add the second one and show me shoes to match"."""
    named: list[Reference] = []
    weighed: list[str] = []
    for part in parts:
        pronoun = all(r.kind == "it" and not r.where and not r.photo for r in part.references)
        if len(weighed) > 1 and part.intent == "cart_add" and pronoun:
            # "which one is best? add it": which one that is, the shopper has to say
            part.references = [Reference(kind="it", text="", ids=weighed)]
        elif named and part.intent in ON_PRODUCTS and not any(r.ids or r.photo for r in part.references):
            part.references = list(named)
        named = [r for r in part.references if r.ids] or named
        if part.intent == "compare":
            weighed = list(dict.fromkeys(i for r in part.references for i in r.ids))
