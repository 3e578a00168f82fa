"""The machines of a run: asked for, come, lost, dead, paid for and gone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from random import Random

from configs.memory import GB
from router.capacity.arrange import Gpu, best_gpu
from router.capacity.simulation.clock import Clock
from router.capacity.simulation.machines import Card, Node
from router.capacity.simulation.records import Record, Use
from router.capacity.simulation.setting import Group, Setting
from router.capacity.world import KindState

_PATIENCE = 4.0  # times its start, after which a node that does not come is given up


class Park:
    """All nodes that there are or will be."""

    def __init__(self, setting: Setting, clock: Clock, record: Record, draw: Random) -> None:
        self._setting, self._clock, self._record, self._draw = setting, clock, record, draw
        self.nodes: list[Node] = []
        self._count = 0
        for name, kind in setting.kinds.items():
            for _ in range(kind.min):
                self._open(name, 0.0).there = True

    def find(self, group: Group, kinds: tuple[str, ...]) -> Card | None:
        """Where a replica goes: a GPU that works, one that comes, one of a node that is asked for now; or nowhere."""
        for there in (True, False):
            for kind in kinds:
                cards = {id(card.room): card for card in self._cards(kind, there)}
                gpu = best_gpu((card.room for card in cards.values()), group.bytes)
                if gpu is not None:
                    return cards[id(gpu)]
        for kind in kinds:
            if sum(node.kind == kind for node in self.nodes) < self._setting.kinds[kind].max:
                return self._ask(kind).cards[0]
        return None

    def states(self) -> tuple[KindState, ...]:
        """As a decision is told of them."""
        return tuple(self._state(name) for name in self._setting.kinds)

    def let_go(self, node: Node) -> None:
        """A node that nobody uses goes after a while."""
        if node.used or node.gone:
            return
        node.empty_since = since = self._clock.now

        def look() -> None:
            if not node.gone and not node.used and node.empty_since == since and self._may_go(node):
                self.close(node)

        self._clock.after(self._setting.kinds[node.kind].idle_seconds, look)

    def close(self, node: Node, paid: bool = True) -> None:
        """End it, and pay."""
        node.gone = True
        self.nodes.remove(node)
        if paid:
            self._pay(node, self._clock.now)

    def paid(self, at: float) -> float:
        """What has been paid by then, or is owed."""
        owed = (self._setting.kinds[node.kind].price.per_hour * (at - node.asked) / 3600 for node in self.nodes)
        return self._record.dollars + sum(owed)

    def settle(self, end: float) -> None:
        """Pay for all that is still there."""
        for node in self.nodes:
            self._pay(node, end)

    def _pay(self, node: Node, until: float) -> None:
        kind, seconds = self._setting.kinds[node.kind], max(until - node.asked, 0.0)
        self._record.paid[node.kind] += seconds
        self._record.dollars += seconds / 3600 * kind.price.per_hour
        starting = min(max(node.ready - node.asked, 0.0), seconds)
        self._record.gpu_seconds[Use.START] += starting * kind.gpus_per_node
        self._record.gpu_seconds[Use.IDLE] += (seconds - starting) * kind.gpus_per_node  # less what is done, at the end

    def _cards(self, kind: str, there: bool) -> Iterator[Card]:
        for node in self.nodes:
            if node.kind == kind and node.there is there:
                yield from node.cards

    def _may_go(self, node: Node) -> bool:
        return sum(other.kind == node.kind for other in self.nodes) > self._setting.kinds[node.kind].min

    def _ask(self, name: str) -> Node:
        usual, hazards = self._setting.kinds[name].start_seconds, self._setting.hazards
        seconds = usual * math.exp(self._draw.gauss(0.0, hazards.start_spread)) if usual else 0.0
        node = self._open(name, self._clock.now + seconds)
        if hazards.lost and self._draw.random() < hazards.lost:
            node.ready = math.inf
            self._clock.after(_PATIENCE * max(usual, 60.0), lambda: self._clock.tell("lost", node))
        else:
            self._clock.after(seconds, lambda: self._arrive(node))
        self._record.most_nodes = max(self._record.most_nodes, len(self.nodes))
        return node

    def _arrive(self, node: Node) -> None:
        node.there = True
        deaths = self._setting.hazards.deaths_per_hour
        if deaths:
            self._clock.after(self._draw.expovariate(deaths / 3600), lambda: self._clock.tell("dead", node))

    def _open(self, name: str, ready: float) -> Node:
        kind = self._setting.kinds[name]
        node = Node(name, self._clock.now, ready)
        self._count += 1
        node.cards = [Card(Gpu(name, self._count, kind.memory_gb * GB), node) for _ in range(kind.gpus_per_node)]
        self.nodes.append(node)
        return node

    def _state(self, name: str) -> KindState:
        kind, counted = self._setting.kinds[name], Counter(node.there for node in self.nodes if node.kind == name)
        asked = min(
            (node.asked for node in self.nodes if node.kind == name and not node.there), default=self._clock.now
        )
        return KindState(
            name=name,
            bytes=kind.memory_gb * GB,
            gpus_per_node=kind.gpus_per_node,
            there=counted[True] * kind.gpus_per_node,
            pending=counted[False] * kind.gpus_per_node,
            pending_seconds=self._clock.now - asked,
            least=kind.min * kind.gpus_per_node,
            most=kind.gpus,
            price=kind.price_per_gpu_hour,
            start_seconds=kind.start_seconds,
            speed=kind.speed,
        )
