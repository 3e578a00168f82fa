"""What is told beside a model: the brief's two notices, and a source with a date for every licence and every part."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from configs.catalog import Catalog
from configs.load import load_catalog
from configs.schema import LicencePart
from router.jobs.model import LicensedPart
from router.licences.notices import notice_of
from router.licences.verdicts import judge, judge_parts, licence_of

CATALOG = load_catalog()
WORDS = ("own", "bought", "unknown")


def components(catalog: Catalog) -> Iterator[tuple[str, LicencePart]]:
    """Every part of everything that the project comes with."""
    for kind in (catalog.models, catalog.upscalers, catalog.loras, catalog.scorers, catalog.cutters):
        for id, config in kind.items():
            yield from ((id, part) for part in config.licence_parts)


def of_model(id: str) -> list[tuple[str, LicencePart]]:
    return [(id, part) for part in CATALOG.models[id].licence_parts]


@pytest.mark.parametrize("id", [id for id in CATALOG.licences if id not in WORDS])
def test_every_licence_names_its_text_and_the_day_it_was_read(id: str) -> None:
    licence = CATALOG.licences[id]
    assert licence.source.startswith("https://")
    assert date(2026, 1, 1) <= licence.read_on <= date(2030, 1, 1)


@pytest.mark.parametrize(("component", "part"), [*components(CATALOG)], ids=lambda one: getattr(one, "part", one))
def test_every_part_says_where_its_publisher_states_the_licence_and_when_that_was_noted(
    component: str, part: LicencePart
) -> None:
    stated = CATALOG.licences[part.licence].stated(component, part.part)
    assert stated is not None, "add it to the `parts` of its licence in configs/licences.yaml"
    ours = "mini" in component or component in CATALOG.loras
    assert stated.source.startswith("https://") or (ours and stated.source.startswith("training/"))
    assert date(2026, 1, 1) <= stated.read_on <= date(2030, 1, 1)


def test_no_statement_is_of_what_is_not_there() -> None:
    there = {(component, part.part, part.licence) for component, part in components(CATALOG)}
    for licence in CATALOG.licences.values():
        for stated in licence.parts:
            for component in stated.of:
                assert (component, stated.part, licence.id) in there


@pytest.mark.parametrize(
    ("model", "label", "words"),
    [
        ("flux-1-dev", "Reference only", "design reference only, unless a licence is bought"),
        ("flux-2-dev", "Reference only", "Not for direct use in products"),
        ("flux-1-schnell", "Commercial OK", "can be used directly in products"),
        ("flux-2-klein-4b", "Commercial OK", "Apache License 2.0"),
        ("hidream-i1-full", "Commercial with conditions", "Llama 3.1 Community License"),
        ("sd-3.5-large", "Commercial with conditions", "1 million US dollars"),
    ],
)
def test_the_notice_says_in_a_few_words_what_a_model_may_be_used_for(model: str, label: str, words: str) -> None:
    notice = notice_of(judge_parts(of_model(model), CATALOG), CATALOG)
    assert notice.label == label
    assert words in notice.sentence
    assert notice.source is not None
    assert notice.source.startswith("https://")
    assert notice.read_on is not None


def test_a_licence_that_nobody_has_judged_allows_no_product_and_says_so() -> None:
    verdict = judge([LicensedPart(component="x", part="adapter", licence="some-new-text")], CATALOG)
    assert (verdict.reference, verdict.internal, verdict.product) == ("allowed", "conditional", "refused")
    assert "some-new-text" in verdict.reasons[0]
    assert "nobody has judged it" in verdict.reasons[0]
    notice = notice_of(verdict, CATALOG)
    assert (notice.label, notice.source) == ("Reference only", None)
    assert "nobody has judged it" in notice.sentence


def test_the_word_of_whoever_brings_it_is_a_policy_of_its_own() -> None:
    uses = {word: licence_of(word, CATALOG) for word in WORDS}
    assert [uses[word].product for word in WORDS] == ["allowed", "conditional", "refused"]
    assert {uses[word].internal for word in WORDS} == {"allowed"}
