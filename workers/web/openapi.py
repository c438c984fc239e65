"""The OpenAPI 3.1 document of the API, made of the same operations and models that answer."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic.json_schema import models_json_schema

from workers.web.answers import Event, Problem
from workers.web.api import FOLLOWED, OPERATIONS, Operation, Parameter

REFERENCE = "#/components/schemas/{model}"
PROBLEMS = {
    "400": "It cannot be answered as it was asked.",
    "401": "It needs a token, or another one.",
    "403": "The token has not this scope.",
    "404": "It is not there.",
    "410": "What was asked for is not kept any more.",
    "422": "The body is not as it should be.",
    "429": "Too many requests: wait as Retry-After says.",
    "503": "A store or Redis is away.",
}


@cache
def document() -> Mapping[str, Any]:
    """The whole document."""
    answers = {op.answer for op in OPERATIONS if op.answer} | {Problem, Event}
    bodies = {op.body for op in OPERATIONS if op.body}
    models = [(m, "serialization") for m in sorted(answers, key=str)] + [
        (m, "validation") for m in sorted(bodies, key=str)
    ]
    _, schemas = models_json_schema(models, ref_template=REFERENCE)  # type: ignore[arg-type]
    paths: dict[str, dict[str, Any]] = {}
    for op in OPERATIONS:
        paths.setdefault(f"/api/v1{op.path}", {})[op.method] = _operation(op)
    paths["/api/v1/changes/stream"] = {"get": _stream()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Newsmill",
            "version": version("newsmill"),
            "description": "Search, articles, sources and what becomes of them. See docs/api.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "`newsmill token add`"}},
        },
    }


def _operation(op: Operation) -> dict[str, Any]:
    good = {"description": op.told}
    if op.answer:
        good |= {"content": {"application/json": {"schema": {"$ref": REFERENCE.format(model=op.answer.__name__)}}}}  # type: ignore[dict-item]
    else:
        good |= {"content": {"application/octet-stream": {}}}  # type: ignore[dict-item]
    status = {"add_source": "201", "submit": "202"}.get(op.name, "200")
    told: dict[str, Any] = {
        "operationId": op.name,
        "summary": op.told,
        "parameters": [_parameter(p) for p in op.parameters],
        "responses": {status: good, **_problems()},
        "security": [{"token": []}],
        "description": f"Needs the scope `{op.scope}`.",
    }
    if op.body:
        schema = {"schema": {"$ref": REFERENCE.format(model=op.body.__name__)}}
        told["requestBody"] = {"required": True, "content": {"application/json": schema}}
    return told


def _stream() -> dict[str, Any]:
    return {
        "operationId": "changes_stream",
        "summary": "The same as server-sent events, for as long as one listens; goes on with Last-Event-ID.",
        "description": "Needs the scope `read`. The data of each event is an `Event`.",
        "parameters": [_parameter(p) for p in FOLLOWED],
        "responses": {"200": {"description": "Events.", "content": {"text/event-stream": {}}}, **_problems()},
        "security": [{"token": []}],
    }


def _parameter(p: Parameter) -> dict[str, Any]:
    return {"name": p.name, "in": p.place, "required": p.required, "description": p.told, "schema": dict(p.schema)}


def _problems() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": REFERENCE.format(model="Problem")}}}
    return {status: {"description": told, "content": content} for status, told in PROBLEMS.items()}
