"""`python -m tests.bench.history --pictures 1000000 --engine sqlite`: how long pages, searches and facets take.

The database is filled in bulk with pictures of three years, nine of ten of one owner, whose history is read through the
store that the API reads it through. Times are of one reader, in milliseconds. Filling a million takes minutes:
`--database URL` keeps them, and measures what is there already.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from router.assets.search.question import Filters, Question
from router.assets.search.store import ImageStore
from router.assets.search.tables import asset_search
from router.storage.database import Database
from tests.bench.history.filling import fill_postgres, fill_sqlite
from tests.bench.history.questions import FILTERS, ask
from tests.postgres import running_postgres

_PAGE = 50
_DEEP = 20  # pages that are gone through from a place in the middle
Answer = Callable[[], Awaitable[int]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.history", description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--rounds", type=int, default=30, help="of each question")
    parser.add_argument("--database", help="filled where it is empty, and kept; in place of --engine")
    options = parser.parse_args()
    with _filled(options.engine, options.pictures, options.database) as url:
        asyncio.run(_measure(url, options.rounds))


@contextmanager
def _filled(engine: str, pictures: int, kept: str | None) -> Iterator[str]:
    if kept is not None:
        if not asyncio.run(_open(kept)):
            _fill(kept, pictures)
        yield kept
        return
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            url = f"sqlite:///{folder}/jobs.db"
            _fill(url, pictures)
            print(f"{Path(folder, 'jobs.db').stat().st_size / 2**20:.0f} MiB")  # noqa: T201
            yield url
            return
        with running_postgres(fsync=True) as server:
            url = server.create_database()
            _fill(url, pictures)
            yield url


def _fill(url: str, pictures: int) -> None:
    asyncio.run(_open(url))
    began, engine = time.monotonic(), url.partition(":")[0]
    if engine == "sqlite":
        fill_sqlite(url.removeprefix("sqlite:///"), pictures)
    else:
        fill_postgres(url, pictures)
    took, when = f"{time.monotonic() - began:.0f} s", f"{os.cpu_count()} cores, {datetime.now(UTC):%Y-%m-%d}"
    print(f"{engine}: {pictures:,} pictures in {took}, {when}")  # noqa: T201


async def _open(url: str) -> bool:
    """Whether there are pictures in it."""
    database = Database(url)
    await database.open()
    found = await database.read(select(asset_search.c.n).limit(1))
    await database.close()
    return bool(found)


async def _measure(url: str, rounds: int) -> None:
    database = Database(url)
    await database.open()
    images = ImageStore(database)
    print(f"{'':<44}{'found':>7}{'p50':>9}{'p95':>9}")  # noqa: T201
    try:
        for name, filters in FILTERS.items():
            await _print(f"page: {name}", lambda filters=filters: _page(images, filters), rounds)  # type: ignore[misc]
        for name in ("no filter", "a common word", "colour", "asset type"):
            await _print(f"deep page: {name}", _deep(images, FILTERS[name], await _middle(images)), rounds)
        for name in ("no filter", "a common word", "a rare word", "asset type"):
            await _print(f"facets: {name}", lambda name=name: _facets(images, FILTERS[name]), rounds)  # type: ignore[misc]
    finally:
        await database.close()


async def _page(images: ImageStore, filters: Filters) -> int:
    return len((await images.page(ask(filters), _PAGE)).images)


async def _middle(images: ImageStore) -> int:
    first = (await images.page(ask(Filters()), 1)).images[0].n
    last = (await images.page(_oldest(), 1)).images[0].n
    return (first + last) // 2


def _oldest() -> Question:
    return replace(ask(Filters()), sort="oldest")


def _deep(images: ImageStore, filters: Filters, middle: int) -> Answer:
    """A page after another, from the middle of three years on."""
    at = [ask(filters).sign(middle)]

    async def answer() -> int:
        page = await images.page(ask(filters), _PAGE, at[0])
        at[0] = page.next or ask(filters).sign(middle)
        return len(page.images)

    return answer


async def _facets(images: ImageStore, filters: Filters) -> int:
    return (await images.facets(ask(filters))).pictures


async def _print(name: str, answer: Answer, rounds: int) -> None:
    found, times = await answer(), []
    for _ in range(rounds):
        began = time.perf_counter()
        await answer()
        times.append((time.perf_counter() - began) * 1000)
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"{name:<44}{found:>7}{statistics.median(times):>9.1f}{p95:>9.1f}")  # noqa: T201


if __name__ == "__main__":
    main()
