"""What a tool is: a row with its name, what it takes and answers, and the function that does it."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mcp import types
from pydantic import BaseModel, ConfigDict

from router.mcp.caller import Caller
from router.pictures.thumbnails import MEDIA_TYPE


class Arguments(BaseModel):
    """What a tool takes. Unknown names are refused, so that nobody believes to have said something."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Told:
    """What a tool has to say: a sentence for whoever reads, the answer for programs, and pictures (WebP files) to be
    looked at."""

    sentence: str
    answer: BaseModel
    pictures: tuple[bytes, ...] = ()

    def result(self) -> types.CallToolResult:
        """In the words of the protocol; the text has the answer, too, for clients that show nothing else."""
        said = self.answer.model_dump_json(exclude_none=True)
        content: list[types.ContentBlock] = [types.TextContent(type="text", text=f"{self.sentence}\n{said}")]
        for picture in self.pictures:
            data = base64.b64encode(picture).decode()
            content.append(types.ImageContent(type="image", data=data, mime_type=MEDIA_TYPE))
        return types.CallToolResult(content=content, structured_content=self.answer.model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class Tool:
    """One row. `reads`: it changes nothing. Otherwise `destroys` says whether it takes something away."""

    name: str
    title: str
    takes: type[Arguments]
    answers: type[BaseModel]
    call: Callable[[Caller, Any], Awaitable[Told]]
    reads: bool = True
    destroys: bool = False

    @property
    def description(self) -> str:
        """What its function says of itself."""
        return " ".join((self.call.__doc__ or "").split())

    def listed(self) -> types.Tool:
        """As clients are told of it."""
        return types.Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=self.takes.model_json_schema(),
            output_schema=self.answers.model_json_schema(mode="serialization"),
            annotations=types.ToolAnnotations(
                read_only_hint=self.reads,
                destructive_hint=self.destroys,
                idempotent_hint=self.reads or self.destroys,
                open_world_hint=False,
            ),
        )
