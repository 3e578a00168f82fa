"""What of the Python client is generated: as its source says now, and nothing in it awaits."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any

import atelier
import pytest
from atelier import AsyncAtelier, Atelier, models
from atelier.models import Lora
from atelier.models import answers as answers_of
from pydantic import ValidationError

from clients.generator import answers, synchronous
from clients.generator.answer_names import ANSWERS, BEFORE, LEFT_OUT
from clients.generator.written import Written, keep
from configs.load import ROOT

PACKAGE = Path(atelier.__file__).parent
LORA: dict[str, Any] = {
    "id": "icons", "name": "Icons", "description": "", "family": "mini", "models": ["mini"], "trigger_words": [],
    "default_strength": 1.0,
    "licence": {"reference": "allowed", "internal": "allowed", "product": "refused", "reasons": [], "parts": []},
}  # fmt: skip


def test_what_is_there_is_what_would_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert synchronous.main(["--check"]) == 0
    assert answers.main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_a_file_that_was_changed_by_hand_is_found_and_written_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Written(tmp_path / "room.py", "import   os\nX=1\n")
    assert keep([file], is_check=True) == 1
    assert "room.py is stale" in capsys.readouterr().err
    assert keep([file], is_check=False) == 0
    assert file.path.read_text() == "X = 1\n"
    assert keep([file], is_check=True) == 0
    file.path.write_text("X = 2\n")
    assert keep([file], is_check=True) == 1


def test_nothing_of_the_synchronous_client_awaits() -> None:
    written = list(synchronous.written_files())
    assert {PACKAGE / "client.py", PACKAGE / "synchronous" / "batches.py"} <= {file.path for file in written}
    for file in written:
        nodes = list(ast.walk(ast.parse(file.text)))
        assert not any(isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor) for node in nodes), file.path
        assert "Async" not in {node.id[:5] for node in nodes if isinstance(node, ast.Name)}, file.path


def test_each_room_of_the_one_client_is_in_the_other_with_the_same_calls() -> None:
    with Atelier("http://studio.test") as studio:
        other = AsyncAtelier("http://studio.test")
        rooms = {name for name, value in vars(studio).items() if not name.startswith("_")}
        assert rooms == {name for name in vars(other) if not name.startswith("_")}
        for one, another in [(studio, other), *((getattr(studio, name), getattr(other, name)) for name in rooms)]:
            assert _calls(one) == _calls(another)


def _calls(client: object) -> dict[str, str]:
    """What it can do: names, and what each takes."""
    found = dict(inspect.getmembers(type(client), inspect.isfunction))
    same = {"aclose": "close", "__aenter__": "__enter__", "__aexit__": "__exit__"}
    public = {same.get(name, name): member for name, member in found.items()}
    return {
        name: str(list(inspect.signature(member).parameters))
        for name, member in public.items()
        if not name.startswith("_")
    }


def test_answers_are_open_frozen_and_as_the_document_describes_them() -> None:
    answer = Lora.model_validate(LORA | {"later": 1, "licence": {**LORA["licence"], "product": "a word of later"}})
    assert answer.licence.product == "a word of later"
    assert (answer.models, answer.version) == (("mini",), "")
    with pytest.raises(ValidationError):
        answer.name = "another"
    with pytest.raises(ValidationError):
        Lora.model_validate({name: value for name, value in LORA.items() if name != "family"})
    assert (Lora.__doc__ or "").startswith("A LoRA of the library.")


def test_each_answer_that_is_named_is_in_the_document_and_written() -> None:
    document = json.loads((ROOT / "router/api/openapi.json").read_text())["components"]["schemas"]
    assert set(ANSWERS.values()) <= set(document)
    for name, schema in ANSWERS.items():
        fields = set(document[schema]["properties"]) - set(LEFT_OUT.get(name, ()))
        assert fields <= set(getattr(models.answers, name).model_fields), name
        required = set(document[schema].get("required", ())) - set(LEFT_OUT.get(name, ())) - set(BEFORE.get(name, ()))
        assert required <= {
            field for field, info in getattr(models.answers, name).model_fields.items() if info.is_required()
        }, name


def test_no_answer_is_written_by_hand() -> None:
    by_hand = {
        node.name
        for file in PACKAGE.rglob("*.py")
        if file.parent.name != "models" and file.name != "events.py"
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.ClassDef) and {ast.unparse(base) for base in node.bases} & {"Body", "models.Body"}
    }
    assert by_hand == set()


def test_a_stage_is_its_kind_and_one_that_came_later_a_stage() -> None:
    check = {"kind": "check", "deployment": "scorer", "estimated_seconds": 1, "measures": ["fidelity"], "megapixels": 1}
    later = {"kind": "fold", "deployment": "folder", "estimated_seconds": 2.5}
    changed = {"kind": "base", "deployment": "mini", "estimated_seconds": 2}
    told = {"prompt": "a fox", "asset_type": "icon", "quality": "draft", "seeds": [1], "estimated_seconds": 5}
    plan = models.Stages.model_validate(told | {"stages": [check, later, changed]})
    assert [type(stage) for stage in plan.stages] == [answers_of.CheckStage, models.Stage, models.Stage]
    assert plan.stages[1] == models.Stage(kind="fold", deployment="folder", estimated_seconds=2.5)
    with pytest.raises(ValueError, match="no stage that this version knows"):
        _ = plan.base


def test_what_a_list_leaves_out_has_the_type_of_the_whole() -> None:
    one = {"id": "col_1", "owner": "ana", "space": "home", "name": "Spring", "notes": "", "pictures": 2}
    times = {"created_at": "2026-01-01T00:00:00Z", "changed_at": "2026-01-01T00:00:00Z"}
    page = answers_of.CollectionsPage.model_validate({"collections": [one | times]})
    assert isinstance(page.collections[0], answers_of.Collection)
    assert page.collections[0].items == ()


def test_no_schema_of_the_document_is_named_by_its_module() -> None:
    document = json.loads((ROOT / "router/api/openapi.json").read_text())["components"]["schemas"]
    assert [name for name in document if "__" in name and not name.startswith("Body_")] == []


def test_a_schema_without_a_free_name_is_refused_before_anything_is_written() -> None:
    part = {"properties": {"a": {"type": "string"}}}
    whole = {"properties": {"a": {"$ref": "#/components/schemas/Job"}}}
    with pytest.raises(ValueError, match="Job needs a name of its own"):
        answers._Document({**dict.fromkeys(ANSWERS.values(), whole), "Job": part})
