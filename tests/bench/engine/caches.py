"""What is not computed twice, and what is not begun in vain."""

from __future__ import annotations

import statistics
from dataclasses import replace
from functools import partial

from deployments.engine.embeddings import EmbeddingCache
from deployments.engine.engine import Engine
from deployments.engine.metrics import Recorded
from deployments.families.family import AnyFamily, Conditioning
from deployments.messages import GenerateRequest
from tests.bench.engine.traffic import Arrival, EngineServer, Server, draw, draw_together, play, poisson, seconds_of

ROWS = "atelier_engine_batch_rows"


def coalescing(engine: Engine, ask: GenerateRequest, ticks: Recorded) -> float:
    """How many pictures are computed for eight identical requests at once: counted in rows of the model's calls."""
    before = sum(ticks.observed(ROWS))
    steps = 10
    server = EngineServer(engine)
    draw_together(server, [replace(ask, request_id=str(i), num_inference_steps=steps) for i in range(8)])
    return (sum(ticks.observed(ROWS)) - before) / steps


def embed_cache(loaded: AnyFamily, ask: GenerateRequest, rounds: int) -> float:
    """Seconds to an encoded prompt: not known, so encoded and kept ÷ known. Each prompt is as long as templates make
    them."""
    cache: EmbeddingCache[Conditioning] = EmbeddingCache(2**28)
    missing, known = [], []

    def look_up(prompt: str) -> None:
        key = (loaded.weights, prompt, "", None)
        if cache.get(key) is None:
            conditioning = loaded.encode(prompt, "")
            cache.put(key, conditioning, conditioning.nbytes)

    for turn in range(rounds):
        prompt = f"{ask.prompt}, clean vector style, minimal flat design, number {turn}"
        missing.append(seconds_of(partial(look_up, prompt)))
        known.append(seconds_of(partial(look_up, prompt)))
    return statistics.median(missing) / statistics.median(known)


def shedding(loaded: AnyFamily, engine: Engine, ask: GenerateRequest, count: int) -> float:
    """Pictures in time at twice what the engine can draw: told the deadline, it refuses what would be late ÷ not told,
    it takes everybody in turn."""
    requests = [replace(ask, seed=seed, num_inference_steps=8) for seed in range(8)]
    alone = statistics.median(seconds_of(lambda: draw(loaded, requests[:1])) for _ in range(5))
    server = EngineServer(engine)
    batched = statistics.median(seconds_of(lambda: draw_together(server, requests)) for _ in range(3))
    deadline = 10 * alone
    told, untold = replace(ask, deadline_seconds=deadline), ask
    ours, theirs = (
        _in_time(server, poisson(count, 2 * 8 / batched, (8,), one, seed=1), deadline) for one in (told, untold)
    )
    return ours / max(theirs, 1 / count)


def _in_time(server: Server, arrivals: list[Arrival], deadline: float) -> float:
    """The share of pictures that came within `deadline` seconds."""
    latencies = play(server, arrivals)
    return sum(value is not None and value <= deadline for value in latencies) / len(latencies)
