"""What the shop sells: search it in words or by a photo, read a product, look at its pictures."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from agent.access.shops import UnknownShop
from agent.errors import UnknownProduct
from store.types import Filters
from ui import pictures, which
from ui.api.caller import Asking
from ui.api.photos import data_url
from ui.api.problems import ANSWERS, Problem, Told

router = APIRouter(tags=["goods"], responses=ANSWERS, route_class=Told)
# Of a line and without a slash: what else there is in an address names no product.
ProductId = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[^/\x00-\x1f\x7f]+$")]


class Wanted(BaseModel):
    """A search. `text`: as a shopper would say it; `photo`: a data URL; `where`: conditions that hold in any case."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(default="", max_length=2_000)
    photo: Annotated[str, Field(pattern="^data:image/")] | None = None
    where: Filters = Filters()
    limit: int = Field(default=6, ge=1, le=50)
    language: str = Field(default="auto", pattern=r"^(auto|zh|en)$")


class Found(BaseModel):
    """Ranked products, each as `daogou search --json` prints it: the record, `score`, `parts`, `reasons`, `why`."""

    products: list[dict[str, Any]]


class Listed(BaseModel):
    """Products in the order of the store. `next`: the `after` of the next page; None on the last one."""

    products: list[dict[str, Any]]
    next: str | None = None


@router.post("/search")
async def search(asking: Asking, wanted: Wanted) -> Found:
    """Find products by words, a photo, conditions, or all of them."""
    photo = data_url(wanted.photo, "body.photo") if wanted.photo else None

    def found() -> Found:
        products = asking.assistant.search(
            wanted.text, photo, wanted.where.to_json(), wanted.limit, wanted.language
        )
        return Found(products=[_wire(p) for p in products])

    return await run_in_threadpool(found)


@router.get("/products")
async def products(
    asking: Asking,
    after: Annotated[str, Query(max_length=100, description="the `next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Listed:
    """The catalogue, a page at a time."""

    def listed() -> Listed:
        page, following = asking.assistant.page(after, limit)
        return Listed(products=[p.model_dump(mode="json") for p in page], next=following)

    return await run_in_threadpool(listed)


@router.get("/products/{product_id}")
async def product(asking: Asking, product_id: ProductId) -> dict[str, Any]:
    """One product, as the contract of this project has it."""

    def read() -> dict[str, Any]:
        found = next(asking.assistant.products([product_id]), None)
        if found is None:
            raise UnknownProduct(id=product_id)
        return found.model_dump(mode="json")

    return await run_in_threadpool(read)


@router.get(
    "/pictures/{name:path}",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}, "description": "the picture"}},
)
async def picture(
    request: Request,
    name: Annotated[str, Path(max_length=200)],
    w: Annotated[str, Query(max_length=6, description="no wider than so many pixels")] = "",
    shop: Annotated[str, Query(max_length=40, description="of several shops, which")] = "",
) -> Response:
    """A picture by the name that a product, a look or a photo has. Needs no key: names of shoppers' photos are made of
    what they show, and nobody guesses one."""
    try:
        of = await run_in_threadpool(request.app.state.shops.open, shop or which.CURRENT.get())
    except UnknownShop as error:  # the answer of a shop that has no such picture
        raise Problem(404, "not_found") from error
    found = await pictures.send(request, of)
    if found.status_code != 200:
        raise Problem(found.status_code, "not_found")
    found.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # a shop's page may shut out all else
    return found


def _wire(found: dict[str, Any]) -> dict[str, Any]:
    """What JSON can carry of a search's hit."""
    plain: dict[str, Any] = json.loads(json.dumps(found, ensure_ascii=False, default=str))
    return plain
