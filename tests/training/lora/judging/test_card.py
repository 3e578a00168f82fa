"""A card says all that a person needs before they draw with it, and only that."""

from __future__ import annotations

from configs.adapter_card import AdapterCard, LearnedFrom, to_markdown
from configs.judgement import GridPrompt, JudgedAdapter, Judgement, Mark, Pick
from configs.schema import LicencePart, Size
from configs.training import TrainingSettings

JUDGEMENT = Judgement(
    model="mini",
    base="b" * 64,
    trigger="kestrel",
    prompts=(GridPrompt(text="a mug, kestrel style", kind="known", subject="a mug"),),
    seeds=(1, 2),
    size=Size(width=128, height=128),
    steps=20,
    guidance=3.5,
    looked=("pixels",),
    adapters={100: "c" * 64, 200: "d" * 64},
    judged=(
        JudgedAdapter(step=100, strength=1.0, marks={"style": Mark(value=0.8, error=0.02)}),
        JudgedAdapter(step=200, strength=1.0, marks={"style": Mark(value=0.9, error=0.02)}, failed=("drifts",)),
    ),
    pick=Pick(step=100, strength=1.0, recommended=True, reasons=("the only one that passes",)),
)
CARD = AdapterCard(
    id="kestrel",
    version="1.0.0",
    sha256="c" * 64,
    model="mini",
    base="b" * 64,
    trigger="kestrel",
    licence_parts=(LicencePart(part="adapter", licence="apache-2.0"),),
    learned_from=LearnedFrom(id="icons", sha256="e" * 64, pictures=24, rights={"own": 20, "bought": 4}),
    settings=TrainingSettings(rank=8),
    judgement=JUDGEMENT,
    step=100,
    chosen_by="Ada | Lovelace",
    limits="Knows no people.",
)


def test_a_card_says_what_it_learned_from_how_it_was_judged_and_who_chose() -> None:
    page = to_markdown(CARD)
    for told in (
        "| rights | bought 4, own 20 |",
        "| adapter | apache-2.0 |",
        "lora, rank 8, alpha 8",
        "| 100 at 1 **taken** | 0.80 ± 0.02 |  |",
        "| 200 at 1 | 0.90 ± 0.02 | drifts |",
        "- the only one that passes",
        "Knows no people.",
        "Ada \\| Lovelace",
    ):
        assert told in page, page
    assert "mug" not in page


def test_a_card_says_what_is_not_known() -> None:
    page = to_markdown(CARD.model_copy(update={"judgement": None, "licence_parts": (), "trigger": ""}))
    assert "Nobody has judged its checkpoints." in page
    assert "| all | not known |" in page
    assert "none: it is always on" in page


def test_a_card_is_read_back_as_it_was_written() -> None:
    assert AdapterCard.model_validate_json(CARD.model_dump_json()) == CARD
