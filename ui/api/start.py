"""What the widget needs to begin: the shop's name, a greeting, what one might ask here, which product the page shows.

The key may come in the address, so that a browser asks without asking leave first; and a page that may not use the key
can read why, which is all that it can read.
"""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from agent.assistant import Assistant
from prompts import LANGUAGES, say
from prompts.own import speaking
from ui.api.caller import admitted
from ui.api.problems import ANSWERS, Told

router = APIRouter(tags=["widget"], responses=ANSWERS, route_class=Told)


class About(BaseModel):
    """The product that the page shows."""

    id: str
    name: str


class Start(BaseModel):
    """`starters`: what a shopper might begin with, about the product where the page shows one; `pictures`: what goes
    behind the address of every picture, where several shops are served."""

    shop: str
    language: str
    greeting: str
    starters: list[str] = []
    product: About | None = None
    pictures: str = ""
    max_photos: int
    max_chars: int


@router.get("/start")
async def start(
    request: Request,
    key: Annotated[str, Query(max_length=200, description="a publishable key; or in `Authorization`")] = "",
    language: Annotated[str, Query(pattern=r"^(auto|zh|en)$")] = "auto",
    product: Annotated[str, Query(max_length=100, description="the product that the page shows")] = "",
    authorization: Annotated[str, Header(include_in_schema=False)] = "",
) -> Start:
    """How a conversation may begin. Begins none."""
    request.state.page = request.headers.get("origin")  # also where the key is refused: to be told why
    asking = await admitted(request, request.app.state.shops, f"Bearer {key}" if key else authorization)
    lang = language if language in LANGUAGES else asking.lang
    several = f"shop={asking.key.shop}" if asking.key.shop else ""
    return await run_in_threadpool(_start, asking.assistant, lang, product, several)


def _start(assistant: Assistant, lang: str, product: str, several: str) -> Start:
    shown = next(assistant.products([product]), None) if product else None
    about = About(id=shown.id, name=shown.title.get(lang)) if shown else None
    sized = "sized" if shown and len(shown.sizes) > 1 else "plain"
    with speaking(assistant.wording):
        greeting = say("widget", "greeting_product" if about else "greeting", lang, shop=assistant.shop_name)
    return Start(
        shop=assistant.shop_name,
        language=lang,
        greeting=greeting,
        starters=say("widget", f"about_product.{sized}", lang).split("|")
        if about
        else assistant.first_questions(lang),
        product=about,
        pictures=several,
        max_photos=assistant.settings.max_photos,
        max_chars=assistant.settings.max_message_chars,
    )
