"""What anybody may have as files: the yearly report, the schemas of our datasets, and containers as linked data."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from havre_ui.shell import NEVER_OLD
from havre_waste.live import report
from havre_waste.live.work import Live
from havre_waste.sites import schemas, smart
from havre_waste.sites.datasets import DATASETS

ANYBODY = {"access-control-allow-origin": "*", **NEVER_OLD}
FIRST_YEAR = 2000


def routes(live: Live, source: report.Source, publisher: str, now: Callable[[], datetime]) -> Sequence[BaseRoute]:
    """``source``: where a need is from. The language of a document is ``?language=fr`` or ``en``."""

    def yearly(request: Request) -> Response:
        year, form = request.path_params["year"], request.path_params["form"]
        if not FIRST_YEAR <= year <= now().year:
            raise HTTPException(404)
        found = report.made(live.seen, live.frame, source, year)
        match form:
            case "pdf":
                return Response(
                    report.as_pdf(found, year, publisher, now()), media_type="application/pdf", headers=ANYBODY
                )
            case "csv":
                return Response(report.as_csv(found, year), media_type="text/csv; charset=utf-8", headers=ANYBODY)
            case "json":
                return JSONResponse(report.as_json(found, year, publisher, _language(request)), headers=ANYBODY)
            case _:
                raise HTTPException(404)

    async def written(request: Request) -> Response:
        return await run_in_threadpool(yearly, request)

    def schema(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in DATASETS:
            raise HTTPException(404)
        return JSONResponse(schemas.table_schema(name, _language(request)), headers=ANYBODY)

    def containers(request: Request) -> Response:
        """With their levels of now (Smart Data Models, normalized NGSI-LD)."""
        return JSONResponse(_entities(live, now()), headers=ANYBODY, media_type="application/ld+json")

    return [
        Route("/report/{year:int}.{form}", written),
        Route("/schemas/{name}.json", schema),
        Route("/containers.jsonld", containers),
    ]


def _entities(live: Live, now: datetime) -> list[Any]:
    if live.ground is None:
        return []
    city = live.ground.city
    return [
        smart.normalized(
            smart.waste_container(
                city.containers[one.container], city.sites[one.site], fill=one.p50,
                emptied_at=live.emptied_at.get(one.container),
            )
        )
        for one in live.view(now).levels
        if one.container in city.containers
    ]  # fmt: skip


def _language(request: Request) -> str:
    return "fr" if request.query_params.get("language") == "fr" else "en"
