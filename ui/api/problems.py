"""What went wrong, as `application/problem+json` (RFC 9457) in the caller's language.

Problem            status, a stable `code` and a sentence of `prompts/api.yaml`; `about` names the part of the request
"""

import logging
import math
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from agent.telemetry import figures
from prompts import LANGUAGES, load, say

log = logging.getLogger(__name__)
MEDIA = "application/problem+json"
_STATUS_OF = {
    **{
        "no_key": 401,
        "bad_key": 401,
        "foreign_origin": 403,
        "secret_in_browser": 403,
        "forged_identity": 403,
    },
    **{"no_handoff": 404, "taken": 409, "not_yours": 409, "bad_signature": 401},
    **{
        "not_kept": 503,
        "store_away": 503,
        "busy": 503,
        "bad_shop": 503,
        "bad_wording": 503,
        "unknown_product": 404,
        "unknown_shop": 404,
    },
}  # of errors that carry a code; of any other code 422
_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "not_understood"}


class ProblemBody(BaseModel):
    """`type` identifies the problem, `code` is its short name; `detail` is for the person, in the caller's language;
    `fields` names what of the request is wrong."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    fields: dict[str, str] = {}


Shape = Callable[[ProblemBody], dict[str, Any]]  # of the errors of another protocol: `app.state.shape`


class Problem(HTTPException):
    """A request that cannot be answered as it is. Raised anywhere below a route, and while a body is read."""

    def __init__(
        self,
        status: int,
        code: str,
        fields: dict[str, str] | None = None,
        wait_s: float = 0.0,
        **values: object,
    ) -> None:
        super().__init__(status, code)
        self.status, self.code, self.fields, self.wait_s, self.values = (
            status,
            code,
            fields or {},
            wait_s,
            values,
        )


def spoken(request: Request) -> str:
    """The language of what is told to the caller: `Accept-Language`, where it is one of ours; else English."""
    asked: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "")[:200].split(","):
        name, _, rest = part.strip().partition(";")
        try:
            weight = float(rest.replace(" ", "").removeprefix("q=")) if rest else 1.0
        except ValueError:
            weight = 0.0
        known = name.split("-")[0].lower()
        if known in LANGUAGES and math.isfinite(weight):
            asked.append((weight, known))
    return max(asked, key=lambda found: found[0], default=(0.0, "en"))[1]


def answer(request: Request, problem: Problem, detail: str | None = None) -> JSONResponse:
    """The response to a problem: in the shape of the app's protocol where it has one, else as RFC 9457 has it."""
    lang = spoken(request)
    known = load("api")["problems"]
    title = say("api", f"problems.{problem.code}.title", lang) if problem.code in known else problem.code
    told = detail or (
        say("api", f"problems.{problem.code}.detail", lang, **problem.values)
        if problem.code in known
        else title
    )
    body = ProblemBody(
        type=f"urn:daogou:problem:{problem.code}",
        title=title,
        status=problem.status,
        code=problem.code,
        detail=told,
        fields=problem.fields,
    )
    headers = {"Cache-Control": "no-store", "Content-Language": lang}
    if problem.wait_s:
        headers["Retry-After"] = str(max(1, math.ceil(problem.wait_s)))
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="daogou"'
    app = request.scope.get("app")
    shape: Shape | None = getattr(app.state, "shape", None) if app else None
    if shape:
        return JSONResponse(shape(body), problem.status, headers)
    return JSONResponse(body.model_dump(), problem.status, headers, MEDIA)


class Told(APIRoute):
    """A route on which any exception that carries a stable `code` is a problem of that code; anything else is a fault
    of ours, and looks like one."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except (HTTPException, RequestValidationError):
                raise
            except Exception as error:
                code = getattr(error, "code", None)
                if not isinstance(code, str):
                    raise
                log.info("%s is refused: %s", request.method, code)
                figures.store_error(code)
                return _known(request, code, error)

        return told


def told(request: Request, error: Exception) -> JSONResponse:
    """The answer to an error that carries a stable `code`."""
    return _known(request, str(getattr(error, "code", "internal")), error)


def _known(request: Request, code: str, error: Exception) -> JSONResponse:
    """A domain error, worded by this file's own sentences, else by the conversation's."""
    problem = Problem(_STATUS_OF.get(code, 422), code, wait_s=5 if _STATUS_OF.get(code) == 503 else 0)
    if code in load("api")["problems"]:
        return answer(request, problem)
    return answer(request, problem, worded(code, error, spoken(request)))


def worded(code: str, error: Exception, lang: str) -> str | None:
    """What a domain error says of itself, or the conversation's sentence for its code; None where there is neither."""
    message = getattr(error, "message", None)
    if callable(message):
        return str(message(lang))
    known = load("session")["errors"].get(code)
    return str(known[lang]) if known and "{" not in known["en"] else None


def install(app: FastAPI) -> None:
    """Word every error of `app` as a problem."""

    @app.exception_handler(Problem)
    async def told(request: Request, problem: Problem) -> JSONResponse:
        return answer(request, problem)

    @app.exception_handler(RequestValidationError)
    async def misshapen(request: Request, error: RequestValidationError) -> JSONResponse:
        return answer(request, Problem(422, "invalid", _fields(error.errors())))

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> JSONResponse:
        code = _STATUS.get(error.status_code, "bad_request" if error.status_code < 500 else "internal")
        response = answer(request, Problem(error.status_code, code))
        response.headers.update(error.headers or {})
        if error.status_code == 405:
            response.headers["Allow"] = ", ".join(_methods(request))
        return response

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> JSONResponse:
        log.error("a request failed", exc_info=error)
        return answer(request, Problem(500, "internal"))


def _methods(request: Request) -> list[str]:
    """What the address of the request can be asked for: of all its routes, of which the router names the first only."""

    def taken(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] == Match.FULL for route in request.app.routes)

    return [method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if taken(method)]


def _fields(errors: Sequence[Any]) -> dict[str, str]:
    """Place in the request → what is wrong with it; never what was sent."""
    return {".".join(map(str, e["loc"]))[:100]: str(e["msg"])[:200] for e in errors[:10]}


BODY = {"$ref": f"#/components/schemas/{ProblemBody.__name__}"}
ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"content": {MEDIA: {"schema": BODY}}, "description": text}
    for status, text in {
        400: "the request makes no sense",
        401: "no key, or none of ours",
        403: "this key may not be used here",
        404: "there is no such thing",
        408: "the body took too long to arrive",
        409: "in the way of something else",
        413: "too large",
        422: "not of the shape that is asked for",
        429: "too many requests",
        503: "for a moment not to be had",
    }.items()
}
