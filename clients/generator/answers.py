"""`python -m clients.generator.answers`: write what the studio answers, as types of Python, from its OpenAPI document;
or check that it is fresh.

They are open, as clients must be that are older than their studio: fields that came later are ignored, and a word is
any text, whichever words the document lists.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from clients.generator.answer_names import ANSWERS, BEFORE, DESCRIBED, LEFT_OUT, TOLD_AS, UNIONS, WITH
from clients.generator.written import Written, keep

_ROOT = Path(__file__).parents[2]
_DOCUMENT = _ROOT / "router" / "api" / "openapi.json"
_ANSWERS = _ROOT / "clients" / "python" / "atelier" / "models" / "answers.py"
_REF = re.compile(r'"#/components/schemas/([^"]+)"')
_WORDS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMATS = {"date-time": "datetime", "date": "date"}
_WIDTH = 110
_INDENT = " " * 4
_HEADER = '''"""What the studio answers. Written by `python -m clients.generator.answers` from its OpenAPI document,
where it is changed; what these types can do beside is in `conveniences.py`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from atelier.models.body import Body
from atelier.models.conveniences import *
'''

Schema = dict[str, Any]


def written_file() -> Written:
    """The file, as it should be."""
    schemas = json.loads(_DOCUMENT.read_text(encoding="utf-8"))["components"]["schemas"]
    used = sorted({base for bases in WITH.values() for base in bases} - set(ANSWERS))
    header = _HEADER.replace("import *", f"import {', '.join(used)}")
    return Written(_ANSWERS, header + "".join(_Document(schemas).classes()))


class _Document:
    """The schemas, and what each is called here."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self._names = {schema: name for name, schema in ANSWERS.items()}
        self._names |= {schema: self._names[whole] for schema, whole in TOLD_AS.items()}
        for schema in self._reached():
            if schema not in self._names:
                self._names[schema] = self._free_name(schema)
        self._unions: dict[str, str] = {}

    def classes(self) -> Iterator[str]:
        """Each after those that it is made of."""
        done: set[str] = set()
        for schema in self._names:
            yield from self._with_parts(schema, done)
        for whole in self._schemas.values():
            if "discriminator" in whole and all(one in self._names for one in _REF.findall(json.dumps(whole))):
                self._union(whole)
        yield from self._aliases(done)

    def _with_parts(self, schema: str, done: set[str]) -> Iterator[str]:
        name = self._names[schema]
        if name in done:
            return
        done.add(name)
        schema = TOLD_AS.get(schema, schema)
        for part in [*(ANSWERS[base] for base in WITH.get(name, ()) if base in ANSWERS), *self._parts(schema)]:
            yield from self._with_parts(part, done)
        written = self._class(name, self._schemas[schema])
        yield from self._aliases(done)
        yield written

    def _aliases(self, done: set[str]) -> Iterator[str]:
        """Of unions that have come up and are not written yet."""
        for union in [one for one in self._unions if one not in done]:
            done.add(union)
            yield f"\n\n{union}: TypeAlias = {self._unions[union]}\n"

    def _reached(self) -> list[str]:
        """The schemas of all answers and of what they are made of."""
        reached, ahead = [], list(ANSWERS.values())
        while ahead:
            schema = TOLD_AS.get(one := ahead.pop(), one)
            if schema not in reached:
                reached.append(schema)
                ahead += self._parts(schema)
        return sorted(reached)

    def _parts(self, schema: str) -> list[str]:
        name = self._names.get(schema, "")
        fields = {key: one for key, one in self._fields(schema).items() if key not in LEFT_OUT.get(name, ())}
        return [one for one in _REF.findall(json.dumps(fields)) if self._fields(one)]

    def _fields(self, schema: str) -> dict[str, Schema]:
        fields: dict[str, Schema] = self._schemas[schema].get("properties", {})
        return fields

    def _free_name(self, schema: str) -> str:
        """Raises ValueError where both names that it could have are another's."""
        short = re.sub(r"(Body|Config)$", "", schema).replace("_", "")
        for name in (short, schema):
            if name not in self._names.values():
                return name
        raise ValueError(f"{schema} needs a name of its own in answer_names.py: {short} is {ANSWERS.get(short)}")

    def _class(self, name: str, schema: Schema) -> str:
        bases = ", ".join(WITH.get(name, ("Body",)))
        kinds = {one for one, field in schema["properties"].items() if self._is_kind(name, field)}
        required = {*schema.get("required", ()), *kinds}
        fields = [one for one in schema["properties"] if one not in LEFT_OUT.get(name, ())]
        ordered = sorted(fields, key=lambda field: field not in required or field in BEFORE.get(name, {}))
        said = schema.get("description", DESCRIBED.get(name, f"{name}."))
        lines = [f'"""{_sentences(said)}"""', ""]
        for field in ordered:
            lines += self._field(name, field, schema["properties"][field], field in required)
        return f"\n\nclass {name}({bases}):\n" + "".join(f"    {line}\n" if line else "\n" for line in lines)

    def _field(self, of: str, name: str, schema: Schema, is_required: bool) -> Iterator[str]:
        type, default = self._type(schema), ""
        if self._is_kind(of, schema):
            type = f"Literal[{schema['const']!r}]"
        before = BEFORE.get(of, {})
        if name in before:
            default = before[name]
        elif not is_required:
            default = self._default(schema)
        if default == "None" and "None" not in type.split(" | "):
            type += " | None"
        yield f"{name}: {type}" + (f" = {default}" if default else "")
        if said := schema.get("description"):
            yield f'"""{_sentences(said)}"""'

    def _is_kind(self, of: str, schema: Schema) -> bool:
        """Whether a field tells `of` from the other kinds of its union."""
        return "const" in schema and any(later in WITH.get(of, ()) for later in UNIONS.values())

    def _default(self, schema: Schema) -> str:
        value = schema.get("default")
        if isinstance(value, list):
            return repr(tuple(value))
        if isinstance(value, dict) and (ref := schema.get("$ref")):
            return f"{self._names[ref.rpartition('/')[2]]}.model_validate({value!r})"
        return repr(value)

    def _type(self, schema: Schema) -> str:
        if "$ref" in schema:
            target = schema["$ref"].rpartition("/")[2]
            return self._names[target] if self._fields(target) else self._type(self._schemas[target])
        if "discriminator" in schema:
            return self._union(schema)
        for either in ("anyOf", "oneOf", "allOf"):
            if either in schema:
                return " | ".join(dict.fromkeys(self._type(one) for one in schema[either]))
        match schema.get("type"):
            case "array" if "prefixItems" in schema:
                return f"tuple[{', '.join(map(self._type, schema['prefixItems']))}]"
            case "array":
                return f"tuple[{self._type(schema.get('items', {}))}, ...]"
            case "object":
                return f"dict[str, {self._value(schema)}]"
            case word:
                return _FORMATS.get(schema.get("format", ""), _WORDS.get(word or "", "Any"))

    def _union(self, schema: Schema) -> str:
        """The name of what is one of several kinds, or of one that came later."""
        kinds = [self._type(one) for one in schema["oneOf"]]
        name, later = next((name, later) for name, later in UNIONS.items() if later in WITH.get(kinds[0], ()))
        self._unions[name] = f'Annotated[{" | ".join([*kinds, later])}, Field(union_mode="left_to_right")]'
        return name

    def _value(self, schema: Schema) -> str:
        """Of a mapping, the type of its values."""
        more = schema.get("additionalProperties")
        values = [*schema.get("patternProperties", {}).values(), *([more] if isinstance(more, dict) else [])]
        types = dict.fromkeys(self._type(one) for one in values)
        return "Any" if not types or "Any" in types else " | ".join(types)


def _sentences(said: str) -> str:
    """As the text of a docstring: lines no longer than fit, paragraphs kept, and nothing that ends it."""
    safe = said.replace("\\", "\\\\").replace('"""', "'''")
    paragraphs = [_filled(part) for part in re.split(r"\n\s*\n", safe.strip())]
    text = f"\n\n{_INDENT}".join(paragraphs)
    return text + " " if text.endswith('"') else text


def _filled(text: str) -> str:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return f"\n{_INDENT}".join([*lines, line])


def main(arguments: list[str]) -> int:
    """Write the file; with `--check`, exit 1 when it is stale."""
    return keep([written_file()], "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
