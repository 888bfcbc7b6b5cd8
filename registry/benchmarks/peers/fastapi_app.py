"""FastAPI, SQLAlchemy and Jinja with nothing around them: `python -m ….fastapi_app DATABASE_URL PORT`."""

import sys
from typing import Any, Final

import asyncpg
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import DictLoader, Environment
from sqlalchemy import Column, Date, ForeignKey, Integer, MetaData, String, Table, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import joinedload, registry, relationship

from registry.benchmarks.databases import is_postgresql
from registry.benchmarks.pilot_list import LISTED

PAGE: Final = """<!DOCTYPE html>
<html lang="da"><head><title>Pilots</title></head><body><h1>Pilots</h1>
<table><tr><th>Title</th><th>Technology</th><th>Owner</th><th>Period</th></tr>
{% for pilot in pilots %}<tr><td><a href="/pilots/{{ pilot.id }}">{{ pilot.title }}</a></td>
<td>{{ pilot.its_technology.name }} {{ pilot.its_technology.major_version }}</td><td>{{ pilot.owner.name }}</td>
<td>{{ pilot.starts or "" }} {{ pilot.ends or "" }}</td></tr>
{% endfor %}</table></body></html>"""


class Technology:
    """What is tried."""


class Organisation:
    """Who tries it."""


class Pilot:
    """A row of the list."""

    id: int
    its_technology: Technology
    owner: Organisation


def mapped() -> None:
    """Map the three classes on the tables of the registry."""
    metadata, mapper = MetaData(), registry()
    words = {"technology": ("name", "major_version"), "organisation": ("name",)}
    tables = {
        name: Table(name, metadata, Column("id", Integer, primary_key=True), *(Column(word, String) for word in texts))
        for name, texts in words.items()
    }
    pilots = Table(
        "pilot",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("title", String),
        Column("starts", Date),
        Column("ends", Date),
        *(Column(name, ForeignKey(table.c.id)) for name, table in tables.items()),
    )
    mapper.map_imperatively(Technology, tables["technology"])
    mapper.map_imperatively(Organisation, tables["organisation"])
    related: dict[str, Any] = {"its_technology": relationship(Technology), "owner": relationship(Organisation)}
    mapper.map_imperatively(Pilot, pilots, properties=related)


def made(url: str) -> FastAPI:
    """The application: one route, twenty rows in one statement, a template compiled once."""
    mapped()
    sessions = async_sessionmaker(_engine(url))
    template = Environment(loader=DictLoader({"page": PAGE}), autoescape=True).get_template("page")
    related = joinedload(Pilot.its_technology), joinedload(Pilot.owner)
    listed = select(Pilot).options(*related).order_by(Pilot.id).limit(LISTED)

    async def pilots() -> HTMLResponse:
        async with sessions() as session:
            rows = (await session.execute(listed)).scalars().all()
        return HTMLResponse(template.render(pilots=rows))

    app = FastAPI()
    app.add_api_route("/pilots", pilots, response_class=HTMLResponse)
    return app


def _engine(url: str) -> AsyncEngine:
    if is_postgresql(url):
        return create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))
    return create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:", 1))


if __name__ == "__main__":
    uvicorn.run(made(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning")
