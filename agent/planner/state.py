"""Dialogue state: what is sought, every list shown, what was talked about last, the photos, the open question.

It is JSON in each reply's `additional_kwargs["state"]`, so it survives restarts with the messages; what happened since
then is folded in by agent.planner.history, also where another model answered.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.planner.meaning import ATTRIBUTES, Meaning, Slots
from agent.planner.memory_talk import Recall
from agent.planner.order_words import OrderTalk
from prompts import taxonomy

KEEP_LISTS = 20
FIT = "fit"  # among what was asked about last: which size to take
# what looks are asked with and asked with again when something of them changes
OUTFIT = (
    "product", "products", "photo", "photos", "garment", "occasion", "season", "weather", "formality", "budget",
    "where", "slots", "keep", "without",
)  # fmt: skip
KEEP_PHOTOS = 6
KEEP_ASKED = 40
KEEP_LINES = 24  # about three replies
# a new subject after "what about …?" keeps these
_CARRIED = (
    "color",
    "gender",
    "age_group",
    "brand",
    "season",
    "occasion",
    "style",
    "material",
    "price",
    "price_pref",
    "not",
)


class Item(BaseModel):
    """A product as it was shown: what references and replies need."""

    model_config = ConfigDict(extra="ignore")
    id: str
    name: str
    names: dict[str, str] = {}  # by language, where it has one in both
    category: str
    brand: str | None = None
    colors: list[str] = []
    price: float
    price_text: str
    rating: float | None = None
    rating_count: int = 0
    why: str = ""  # for which it was shown
    sizes: list[str] = []
    words: list[str] = []

    @classmethod
    def of(cls, card: dict[str, Any]) -> "Item":
        """From a product card."""
        price = card.get("sale_price") or card["price"]
        return cls(
            id=card["id"],
            name=card["name"],
            names=card.get("names") or {},
            category=card["category"],
            brand=card.get("brand"),
            colors=card.get("colors") or [],
            price=float(price["amount"]),
            price_text=price["text"],
            rating=card.get("rating"),
            rating_count=card.get("rating_count") or 0,
            why=card.get("why") or "",
            sizes=[s["size"] for s in card.get("sizes") or [] if s.get("in_stock")],
            words=[w.strip().casefold() for v in (card.get("attributes") or {}).values() for w in _split(v)],
        )


class Picture(BaseModel):
    """A photo of the shopper's: id and its garments as seen, the main one first."""

    id: str
    garments: list[dict[str, Any]] = []
    caption: str = ""

    def garment(self, category: str | None = None) -> dict[str, Any] | None:
        """The main garment, or the first that is a `category`."""
        if category:
            return next((g for g in self.garments if taxonomy.is_a(g["category"], category)), None)
        return self.garments[0] if self.garments else None

    def at(self, place: int) -> dict[str, Any] | None:
        """The garment at a place, 0 the main one."""
        return self.garments[place] if 0 <= place < len(self.garments) else None


class Pending(BaseModel):
    """A question that the assistant asked: the next message may answer it. Asked once, never again."""

    intent: str
    slot: str  # size | product | measure | price | yes (an offer to agree to)
    product: str | None = None
    quantity: int = 1
    choices: list[str] = []
    slots: Slots = {}
    rest: list[str] = []  # products whose turn comes after this one
    age: int = 0  # turns for which it stayed open, while other things were asked


class Sought(BaseModel):
    """What a list was the answer to, so that one can go back to it: what was sought, and what it was to resemble."""

    slots: Slots = {}
    kinds: list[Slots] = []
    words: str = ""
    photo: str | None = None
    garment: int | None = None
    like: str | None = None
    outfit: dict[str, Any] = {}  # what the looks or partners were built on


class State(BaseModel):
    """See the module. `slots` is what is sought; `photo` (and its `garment`) or `like` anchor it;
    `latest`: what "it" is nearest to."""

    model_config = ConfigDict(extra="ignore")
    language: str = ""
    slots: Slots = {}
    kinds: list[Slots] = []  # what is sought of each kind, where several are
    words: str = ""
    lists: list[list[Item]] = []
    sought: list[Sought] = []  # beside each list
    focus: list[str] = []
    compared: list[str] = []  # put side by side since the newest list: "both"
    liked: list[str] = []  # ids, the newest last
    refused: list[str] = []
    never: Slots = {}  # what is ruled out for good, by attribute: no new subject lets go of it
    pictures: list[Picture] = []
    batch: list[str] = []  # photos of the newest message that had any, in its order
    at_hand: str | None = (
        None  # a photo just sent: "it" may be what it shows, while no product was singled out
    )
    outfit: dict[str, Any] = {}  # what the newest looks were asked with, to change something of them
    looks: list[dict[str, Any]] = []  # the newest looks: see _looks_of
    at: int = 0  # which of them was spoken of last, from 1; 0: none in particular
    recommended: bool = False  # the newest list is by the shopper's taste
    photo: str | None = None
    garment: int | None = None
    like: str | None = None
    limit: dict[str, float] = {}  # the price bound that "cheaper" or "pricier" came to
    cart: list[dict[str, Any]] = []  # lines as last seen: id, size, quantity, name
    latest: str = ""  # list | product | photo | cart
    preview: dict[
        str, Any
    ] = {}  # the newest one: product or photo, garment, srgb, and the turn it was shown in
    shown: list[str] = []  # ids shown since the subject began
    pending: Pending | None = None
    back: bool = Field(default=False, exclude=True)  # the newest list was taken up again by this message
    measures: dict[str, float] = {}  # of the shopper's body, in cm, as said in this conversation
    worn: list[dict[str, str]] = []  # sizes worn elsewhere, as advise_size takes them, the newest last
    asks: list[str] = []  # what was asked about last: "and the third?"
    size: str = ""  # the size spoken of last: "add it in that size"
    order_talk: OrderTalk = OrderTalk()
    order: str = ""  # the number of the order spoken of last, for who is handed the conversation
    asked: list[str] = []  # wishes and offers that replies asked about, which they ask once
    said: list[str] = []  # the sentences of the last reply
    lines: list[str] = []  # which variants of which lines the last replies used
    recall: Recall = Recall()
    missed: int = 0  # replies in a row that were of no help
    turn: int = 0

    @model_validator(mode="before")
    @classmethod
    def _spelled_out(cls, data: Any) -> Any:
        """Lists are kept as ids beside one dictionary of the items: a product is often in several."""
        if not isinstance(data, dict) or "items" not in data:
            return data
        items = data["items"]
        return {k: v for k, v in data.items() if k != "items"} | {
            "lists": [[items[i] for i in shown if i in items] for shown in data.get("lists", [])]
        }

    # -- looking things up -------------------------------------------------------------------------------------

    @property
    def newest(self) -> list[Item]:
        """The newest list of products shown."""
        return self.lists[-1] if self.lists else []

    def item(self, product_id: str) -> Item | None:
        """A product that was shown, as it was shown last."""
        return next((i for shown in reversed(self.lists) for i in shown if i.id == product_id), None)

    def items(self) -> list[Item]:
        """All products shown, the newest list first, each once."""
        seen: dict[str, Item] = {}
        for shown in reversed(self.lists):
            for item in shown:
                seen.setdefault(item.id, item)
        return [*seen.values()]

    def picture(self, photo_id: str | None = None) -> Picture | None:
        """A photo by id, or the newest."""
        if photo_id is None:
            return self.pictures[-1] if self.pictures else None
        return next((p for p in self.pictures if p.id == photo_id), None)

    def meant(self, photos: Sequence[str]) -> str | None:
        """Of the photos of a message the one that words without a number are about: the first that shows a garment,
        else the first."""
        worn = (p for p in photos if (picture := self.picture(p)) and picture.garments)
        return next(worn, photos[0] if photos else None)

    @property
    def seeking(self) -> bool:
        """A search is going on that can be refined."""
        return bool(self.slots or self.words or self.photo or self.like)

    def call_in(self, lang: str) -> None:
        """Names in the language of the reply, where the record has one in it."""
        for shown in self.lists:
            for item in shown:
                item.name = item.names.get(lang, item.name)

    # -- changes -----------------------------------------------------------------------------------------------

    def add_pictures(self, photos: Iterable[dict[str, Any]]) -> None:
        """Photos of a message, in order; the first one that shows a garment is the photo at hand, and the newest."""
        photos = [*photos]
        if photos:
            self.batch = [photo["id"] for photo in photos]
            # A label or a size chart beside a garment belongs to it, whichever was sent first.
            photos.sort(key=lambda photo: not (photo.get("look") or {}).get("garments"))
            self.at_hand = photos[0]["id"]
        for photo in reversed(photos):
            look = photo.get("look") or {}
            self.pictures = [p for p in self.pictures if p.id != photo["id"]]
            self.pictures.append(
                Picture(
                    id=photo["id"], garments=look.get("garments") or [], caption=look.get("caption") or ""
                )
            )
            self.latest = "photo"
        self.pictures = self.pictures[-KEEP_PHOTOS:]

    def start_over(self) -> None:
        """Forget what is sought; what was shown, liked and put into the cart stays known."""
        self.slots, self.words, self.limit, self.shown, self.kinds = {}, "", {}, [], []
        self.photo = self.garment = self.like = self.at_hand = None
        self.outfit, self.pending = {}, None

    def take_up(self, place: int) -> None:
        """The list at `place` is the newest again, with what it was the answer to."""
        before = self.sought[place] if place < len(self.sought) else Sought()
        self.slots, self.words, self.kinds = dict(before.slots), before.words, list(before.kinds)
        self.photo, self.garment, self.like = before.photo, before.garment, before.like
        self.outfit, self.limit = dict(before.outfit), {}
        if place != len(self.lists) - 1:
            self._add_list(list(self.lists[place]))
        self.focus, self.latest, self.at_hand, self.back = [], "list", None, True
        self.shown = [i.id for i in self.newest]

    def after(
        self, pending: Pending | None, said: Sequence[str], asked: Sequence[str], lines: Sequence[str]
    ) -> None:
        """Keep what a reply leaves: the open question, its sentences, what it brought up, the variants it used."""
        self.pending, self.said = pending, list(said)
        self.asked = [*self.asked, *(a for a in asked if a not in self.asked)][-KEEP_ASKED:]
        self.lines = [*self.lines, *lines][-KEEP_LINES:]

    def take_to(self, ids: Iterable[str], liked: bool) -> None:
        """Remember products as liked or refused; the last word counts."""
        for product in ids:
            self.liked = [i for i in self.liked if i != product]
            self.refused = [i for i in self.refused if i != product]
            (self.liked if liked else self.refused).append(product)

    def fold(self, tool: str, args: dict[str, Any], artifact: dict[str, Any]) -> None:
        """Take in what a tool returned."""
        kind = artifact.get("type")
        cards = artifact.get("items") or []
        if kind == "order":
            self.order_talk = self.order_talk.after(args, artifact)
            return
        if kind == "outfit" and not artifact.get("looks"):
            return  # what was shown before is still what is talked of
        if kind == "outfit":
            cards = [card for look in artifact.get("looks", []) for card in look.get("items", [])]
            self.looks, self.at = _looks_of(artifact), 0
        items = [*{c["id"]: Item.of(c) for c in cards}.values()]
        if tool == "match_outfit":
            self.outfit, self.recommended = self._asked_with(args), False
        elif tool in ("search_catalog", "recommend"):
            self.outfit = {}
            self.recommended = tool == "recommend"
        if (
            args.get("product")
            or args.get("products")
            or (tool == "search_catalog" and args.get("photo") != self.at_hand)
        ):
            self.at_hand = None
        if kind == "products" and tool in ("product_details", "advise_size") and items:
            self._remember(items[0])
            self.focus, self.latest = [items[0].id], "product"
        elif kind == "comparison" and items:
            self.focus, self.latest = [i.id for i in items], "product"
            self.compared = list(self.focus)
            for item in items:
                self._remember(item)
        elif kind in ("products", "outfit") and items:
            if tool == "match_outfit" and kind == "products":
                # what follows ("others", "in black") is about these
                self.slots, self.words = {"category": list(args.get("want") or [])}, ""
                self.photo = self.garment = self.like = None
            if not (args.get("ids") and [i.id for i in self.newest] == [i.id for i in items]):
                self._add_list(items)
            self.shown += [i.id for i in items if i.id not in self.shown]
            self.compared = []
            anchor = args.get("product")
            self.focus = [items[0].id] if len(items) == 1 else [anchor] if anchor else []
            if args.get("like") and "color" in (artifact.get("relaxed") or []):
                self.focus = [
                    args["like"]
                ]  # it does not come in that colour, and is still what is talked about
            self.latest = "product" if self.focus else "list"
        elif kind == "answer":
            about = str(artifact.get("about") or "")
            if self.picture(about):
                self.latest = "photo"
            elif about:
                self.focus, self.latest = [about], "product"
        elif kind == "image":
            shown = {k: str(artifact[k]) for k in ("product", "photo") if artifact.get(k)}
            self.preview = {**shown, "garment": args.get("garment"), "srgb": artifact["color"]["srgb"]}
            self.preview["turn"] = self.turn
            self.focus, self.latest = ([shown["product"]], "product") if "product" in shown else ([], "photo")
        elif kind == "cart":
            keys = ("id", "size", "quantity", "name")
            self.cart = [{k: line.get(k) for k in keys} for line in artifact.get("lines") or []]
            if args.get("action") == "add" and args.get("product"):
                self.focus, self.latest = [args["product"]], "product"
            else:
                if args.get("action") == "remove" and args.get("product"):
                    self.focus = [args["product"]]  # "put it back" means this one
                self.latest = "cart"

    def _asked_with(self, args: dict[str, Any]) -> dict[str, Any]:
        """What looks are put together again with: where one piece was to be so, what they were asked with before; steps
        more or less formal add up."""
        asked = {k: args[k] for k in OUTFIT if args.get(k)}
        steps, before = args.get("formality"), self.outfit.get("formality")
        if isinstance(steps, int) and isinstance(before, int):
            asked["formality"] = (steps + before) or None
        if args.get("swap") or args.get("slots"):
            of_one = ("where", "slots", "keep", "formality", "budget")
            return {k: v for k, v in asked.items() if k not in of_one} | {
                k: self.outfit[k] for k in of_one if k in self.outfit
            }
        return asked

    @property
    def shows_looks(self) -> bool:
        """The newest list is that of the newest looks."""
        pieces = {i for look in self.looks for i in look["ids"]}
        return bool(pieces) and {i.id for i in self.newest} == pieces

    def look_at(self, nth: int = 0) -> dict[str, Any]:
        """The `nth` look from 1; with 0 the one spoken of last, else the first. {} where there are none."""
        at = (nth or self.at or 1) - 1
        return self.looks[at] if 0 <= at < len(self.looks) else {}

    def _add_list(self, items: list[Item]) -> None:
        sought = Sought(
            slots=dict(self.slots),
            kinds=list(self.kinds),
            words=self.words,
            photo=self.photo,
            garment=self.garment,
            like=self.like,
            outfit=dict(self.outfit),
        )
        missing = [Sought()] * (len(self.lists) - len(self.sought))  # of a state that another version wrote
        self.sought = [*self.sought, *missing, sought][-KEEP_LISTS:]
        self.lists = [*self.lists, items][-KEEP_LISTS:]

    def join(self, count: int) -> None:
        """The newest `count` lists are one: of each kind that was sought, its own."""
        if count > 1:
            joined = {item.id: item for shown in self.lists[-count:] for item in shown}
            self.lists = [*self.lists[:-count], [*joined.values()]]
            self.sought = [*self.sought[:-count], self.sought[-1]]
            self.focus, self.latest = [], "list"

    def _remember(self, item: Item) -> None:
        """Refresh an item where it was shown; one that never was becomes a list of its own."""
        if self.item(item.id) is None:
            self._add_list([item])
        known = self.item(item.id)
        item = item if item.why or known is None else item.model_copy(update={"why": known.why})
        self.lists = [[item if old.id == item.id else old for old in shown] for shown in self.lists]

    def to_json(self) -> dict[str, Any]:
        """For the message."""
        data = self.model_dump(mode="json", exclude_defaults=True)
        if self.lists:
            data["items"] = {i.id: i.model_dump(mode="json", exclude_defaults=True) for i in self.items()}
            data["lists"] = [[i.id for i in shown] for shown in self.lists]
        return data


def _split(value: object) -> Sequence[str]:
    return str(value).replace("、", ",").split(",")


def _looks_of(artifact: dict[str, Any]) -> list[dict[str, Any]]:
    """Of each look: idea, total (as shown) and amount, ids and names of what it holds, slots by id, reasons, how
    dressed it is, what each piece is right for, and of what is the shopper's own its name, slot and photo."""
    return [
        {
            "idea": look.get("idea") or "",
            "total": look["total"]["text"],
            "amount": float(look["total"]["amount"]),
            "ids": [i["id"] for i in look["items"]],
            "pieces": [i["name"] for i in look["items"]],
            "slots": {i["id"]: i["slot"] for i in look["items"] if i.get("slot")},
            "own": [{k: o.get(k) for k in ("name", "slot", "photo")} for o in look.get("own") or []],
            "reasons": list(look.get("reasons") or []),
            "level": look.get("level"),
            "occasions": look.get("occasions") or {},
        }
        for look in artifact.get("looks") or []
    ]


def merge(
    state: State, said: Slots, meaning: Meaning, *, correcting: bool, adding: bool, carrying: bool
) -> Slots:
    """What is sought after this message: earlier slots stay unless contradicted or let go; a new category starts fresh,
    but for a correction (only the category changes) and "what about …?" (what fits any garment is kept)."""
    kept = {} if meaning.reset else {k: v for k, v in state.slots.items() if k not in meaning.dropped}
    kept.pop("asks", None)
    kept.pop("quantity", None)
    new, old = said.get("category", []), kept.get("category", [])
    more = adding and not _same_subject(new, old)  # "any other sweaters", of sweaters and coats, narrows
    if new and old and not _same_subject(new, old):
        if adding and not correcting:
            kept["category"] = [*old, *(c for c in new if c not in old)]
        elif not correcting:
            kept = {k: v for k, v in kept.items() if k in _CARRIED} if carrying else {}
        else:
            kept = {k: v for k, v in kept.items() if k not in ("sort", "price_pref")}
    elif new and not old and not meaning.fresh:
        pass
    if meaning.fresh and not correcting:
        kept = {}
    result: Slots = {k: (list(v) if isinstance(v, list) else v) for k, v in kept.items()}
    refused = {a: list(v) for a, v in kept.get("not", {}).items() if a not in meaning.dropped}
    for attribute in ATTRIBUTES:
        if not said.get(attribute):
            continue
        if adding and attribute != "category" and result.get(attribute):
            result[attribute] = [
                *result[attribute],
                *(v for v in said[attribute] if v not in result[attribute]),
            ]
        elif not (more and attribute == "category" and result.get(attribute)):
            result[attribute] = list(said[attribute])
        if attribute in refused:
            refused[attribute] = [v for v in refused[attribute] if v not in said[attribute]]
    for attribute, values in said.get("not", {}).items():
        refused[attribute] = [
            *refused.get(attribute, []),
            *(v for v in values if v not in refused.get(attribute, [])),
        ]
        if attribute in result:
            result[attribute] = [v for v in result[attribute] if v not in values]
    result["not"] = {a: v for a, v in refused.items() if v}
    for name in ("price", "price_pref", "sort", "rating_min", "on_sale", "in_stock"):
        if name in said:
            result[name] = said[name]
            if name == "price":
                result.pop("price_pref", None) if "price_pref" not in said else None
    return {k: v for k, v in result.items() if v not in ([], {}, None)}


def _same_subject(new: Sequence[str], old: Sequence[str]) -> bool:
    """True when every new category is one of the old ones, below or above it: boots after shoes."""
    return all(any(taxonomy.is_a(n, o) or taxonomy.is_a(o, n) for o in old) for n in new)
