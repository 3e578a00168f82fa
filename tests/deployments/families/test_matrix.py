"""What the docs say that families can do is what the registry says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from configs.capabilities import Capabilities, CapabilityTable
from deployments.families.matrix import BEGIN, END, README, insert, matrix
from deployments.families.registry import FAMILIES


def test_the_readme_holds_exactly_the_table() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == insert(text, FAMILIES.table()), "run: python -m deployments.families --write"
    assert text.count(matrix(FAMILIES.table())) == 1


def test_the_command_prints_it() -> None:
    command = [sys.executable, "-m", "deployments.families"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == matrix(FAMILIES.table())
    wrong = subprocess.run([*command, "--rewrite"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_each_variant_has_a_line_that_says_what_it_can_and_cannot_do() -> None:
    can = Capabilities(
        modes=("txt2img", "edit"),
        references=3,
        lora=True,
        guidance="none",
        steps=(1, 8),
        text_length=77,
        licence_parts=("unet",),
        engine="pipeline",
    )
    lines = matrix(CapabilityTable(families={"painter": {"quick": can}})).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    cells = [cell.strip() for cell in lines[2].split("|")[1:-1]]
    assert cells[:8] == ["`painter`", "`quick`", "yes", "–", "–", "3 references", "–", "–"]
    assert cells[8:] == ["yes", "–", "–", "none", "1 to 8", "16 px", "77", "`default`", "whole pipeline"]


def test_what_was_between_the_markers_goes_and_the_rest_stays() -> None:
    table = FAMILIES.table()
    text = insert(f"before\n{BEGIN}old\n{END}after\n", table)
    assert text == f"before\n{BEGIN}{matrix(table)}{END}after\n"
    assert insert(text, table) == text
    with pytest.raises(ValueError, match="markers are missing"):
        insert("nothing here", table)


@pytest.mark.parametrize("family", FAMILIES.names())
def test_a_row_agrees_with_itself(family: str) -> None:
    for variant, can in FAMILIES.table().families[family].items():
        assert ("edit" in can.modes) == (can.references > 0), variant
        assert can.steps[0] <= can.steps[1], variant
        assert not (can.negative_prompt and can.guidance != "classifier-free"), variant
        assert can.lora or not can.trains, variant
        assert len(set(can.licence_parts)) == len(can.licence_parts), variant
