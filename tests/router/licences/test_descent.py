"""Whatever is made of pictures is never looser than any of them: over random families of uploads, edits and sheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from configs.load import load_catalog
from configs.schema import Purpose
from router.jobs.model import LicenceVerdict, LicensedPart
from router.licences.holding import Holding
from router.licences.model import Grant, Right, UploadRight
from router.licences.verdicts import PURPOSES, is_looser, join, judge, licence_of
from tests.short_form import examples

CATALOG = load_catalog()
LICENCES = [*CATALOG.licences, "a-text-that-nobody-has-read"]
NOW = datetime(2026, 11, 30, tzinfo=UTC)
WORDS: list[Right] = ["own", "bought", "unknown"]


@dataclass(frozen=True)
class Made:
    """A picture of a family: what it brings itself, and which of those before it was made from."""

    parts: tuple[LicensedPart, ...]
    parents: tuple[int, ...]


@st.composite
def families(draw: st.DrawFn) -> list[Made]:
    made = list[Made]()
    for number in range(draw(st.integers(1, 12))):
        if draw(st.booleans()):
            word = draw(st.sampled_from(WORDS))
            made.append(
                Made(
                    (LicensedPart(component=f"pic_{number}", part="upload", licence=word, picture=f"pic_{number}"),), ()
                )
            )
            continue
        licences = draw(st.lists(st.sampled_from(LICENCES), min_size=1, max_size=3))
        parts = tuple(LicensedPart(component=f"model-{id}", part="weights", licence=id) for id in licences)
        parents = draw(st.lists(st.integers(0, number - 1), max_size=3)) if number else []
        made.append(Made(parts, tuple(parents)))
    return made


def verdicts(family: list[Made]) -> list[LicenceVerdict]:
    found = list[LicenceVerdict]()
    for one in family:
        found.append(join([judge(one.parts, CATALOG), *(found[parent] for parent in one.parents)]))
    return found


def ancestors(family: list[Made], number: int) -> set[int]:
    near = set(family[number].parents)
    return near.union(*(ancestors(family, one) for one in near))


def grants() -> st.SearchStrategy[list[Grant]]:
    def bought(licence: str, purposes: tuple[Purpose, ...]) -> Grant:
        return Grant("g", None, licence, None, purposes, NOW, None, "PO", "op", NOW)

    purposes = st.lists(st.sampled_from(PURPOSES), min_size=1).map(tuple)
    return st.lists(st.builds(bought, st.sampled_from(LICENCES), purposes), max_size=3)


def rights() -> st.SearchStrategy[Mapping[str, UploadRight]]:
    said = st.dictionaries(st.integers(0, 11), st.sampled_from(WORDS))
    return said.map(
        lambda words: {f"pic_{n}": UploadRight(f"pic_{n}", "ana", word, "", "ana", NOW) for n, word in words.items()}
    )


@settings(max_examples=examples(200), deadline=None)
@given(families(), grants(), rights())
def test_no_descendant_is_looser_than_an_ancestor(
    family: list[Made], bought: list[Grant], said: Mapping[str, UploadRight]
) -> None:
    accepted = verdicts(family)
    holding = Holding(CATALOG, "home", bought, said)
    held = [holding.judge(one) for one in accepted]
    for number in range(len(family)):
        for ancestor in ancestors(family, number):
            for purpose in PURPOSES:
                for before in (accepted, held):
                    assert not is_looser(getattr(before[number], purpose), getattr(before[ancestor], purpose))
    sheet = join(held)
    assert all(not is_looser(getattr(sheet, purpose), getattr(one, purpose)) for one in held for purpose in PURPOSES)


@settings(max_examples=examples(100), deadline=None)
@given(families(), grants())
def test_what_is_bought_only_ever_lifts_and_what_it_lifts_is_kept_beside(
    family: list[Made], bought: list[Grant]
) -> None:
    for accepted in verdicts(family):
        held = Holding(CATALOG, "home", bought).judge(accepted)
        for purpose in PURPOSES:
            before, now = getattr(accepted, purpose), getattr(held, purpose)
            assert not is_looser(before, now)
            assert before == now or getattr(held.accepted, purpose) == before
        assert Holding(CATALOG, "home").judge(held.model_copy(update={"accepted": None})).product == accepted.product


def test_a_part_without_a_licence_that_is_known_is_for_no_product() -> None:
    assert licence_of("a-text-that-nobody-has-read", CATALOG).product == "refused"
