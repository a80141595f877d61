"""The API as one ASGI app: `/api/v1`, its description at `/api/v1/openapi.json`, a page to try it at `/api/v1/docs`."""

from typing import Any

from fastapi import FastAPI

from agent.access.shops import Shops
from store.types import REFUSABLE, Filters
from ui.api import conversations, desk, goods, handoff, problems, shoppers, shopping, start
from ui.ops.requests import NOT_FASTAPIS

VERSION = "1"
PATH = "/api/v1"
_REF = "#/components/schemas/{model}"


def api(shops: Shops) -> FastAPI:
    """The app that serves `shops`; to be mounted at PATH."""
    app = FastAPI(
        title="Daogou",
        version=VERSION,
        description="A shopping guide that sees. Send a key as `Authorization: Bearer …`.",
        docs_url="/docs",
        redoc_url=None,
        servers=[{"url": PATH}],
        root_path_in_servers=False,
        telemetry=NOT_FASTAPIS,
    )
    app.state.shops = shops
    problems.install(app)
    for part in (start, conversations, handoff, goods, shopping, shoppers, desk):
        app.include_router(part.router)
    app.include_router(desk.incoming)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """The description, with the key that every path needs but the pictures and what is signed."""
    from fastapi.openapi.utils import get_openapi

    if app.openapi_schema is None:
        found = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            servers=app.servers,
        )
        parts = found.setdefault("components", {})
        parts["schemas"] |= conversations.Sent.model_json_schema(ref_template=_REF).get("$defs", {})
        parts["schemas"][problems.ProblemBody.__name__] = problems.ProblemBody.model_json_schema()
        parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        for path, methods in found["paths"].items():
            for operation in methods.values():
                if not path.startswith(("/pictures", "/incoming")):
                    operation["security"] = [{"key": []}]
                if operation["operationId"] in shoppers.NAMED:
                    who = next(p for p in operation["parameters"] if p["name"] == "daogou-shopper")
                    who["required"], who["schema"]["minLength"] = True, 1
        parts["schemas"][Filters.__name__]["properties"]["not"]["propertyNames"] = {"enum": list(REFUSABLE)}
        app.openapi_schema = found
    return app.openapi_schema
