"""A replica names the kind of GPU that it holds as the fleet does, by the labels of its node."""

from __future__ import annotations

import pytest

from configs.load import load_fleets
from serve.held import kind_of, kinds_of

T4, PLAIN = {"ray.io/accelerator-type": "T4"}, {"ray.io/node-id": "a"}
FLEET = {"t4": T4, "t4-spot": {**T4, "market": "spot"}}


@pytest.mark.parametrize(
    ("labels", "kinds", "kind"),
    [
        ({**PLAIN, **T4}, FLEET, "t4"),
        ({**T4, "market": "spot"}, FLEET, "t4-spot"),
        ({**PLAIN, "ray.io/accelerator-type": "H100"}, FLEET, "H100"),
        (PLAIN, {"gpu": {}}, "gpu"),
        (PLAIN, {}, "gpu"),
    ],
)
def test_the_kind_with_most_of_a_node_s_labels_is_its_own(
    labels: dict[str, str], kinds: dict[str, dict[str, str]], kind: str
) -> None:
    assert kind_of(labels, kinds) == kind


def test_every_fleet_s_nodes_are_known_by_their_own_labels() -> None:
    for fleet in load_fleets().values():
        kinds = kinds_of(fleet)
        assert {name: kind_of(labels, kinds) for name, labels in kinds.items()} == {name: name for name in kinds}


def test_an_installation_without_a_fleet_has_no_kinds() -> None:
    assert kinds_of(None) == {}
