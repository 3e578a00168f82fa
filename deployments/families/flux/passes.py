"""One call of the transformer for a batch: as a whole, or in parts, where something happens between its blocks.

The parts are `FluxTransformer2DModel.forward`, cut behind its first block; both ways give the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch


@dataclass(frozen=True, slots=True)
class Batch:
    """What the transformer reads: B rows on a canvas of S tokens, with T tokens of text.

    `latents` [B, S, C], `tokens` [B, T, D], `pooled` [B, P], `timesteps` [B] in 0..1, `guidance` [B] for models that
    embed it, `text_ids` [T, 3], `picture_ids` [S, 3], `visible` bool [B, 1, 1, T + S] where sizes differ.
    """

    latents: torch.Tensor
    tokens: torch.Tensor
    pooled: torch.Tensor
    timesteps: torch.Tensor
    guidance: torch.Tensor | None
    text_ids: torch.Tensor
    picture_ids: torch.Tensor
    visible: torch.Tensor | None


class Residual(Protocol):
    """What is added to the picture of some rows of a batch behind each block."""

    def add(self, picture: torch.Tensor, block: int) -> torch.Tensor:
        """`picture` [B, S, W] with what belongs behind the model's block of that number."""
        ...


@dataclass(frozen=True, slots=True)
class Stream:
    """What goes from block to block: `picture` [B, S, W], `text` [B, T, W], and, unchanged, `time` [B, W], `rotary`.

    `passed` blocks are behind it.
    """

    picture: torch.Tensor
    text: torch.Tensor
    time: torch.Tensor
    rotary: tuple[torch.Tensor, torch.Tensor]
    visible: torch.Tensor | None
    passed: int = 0

    def through(self, blocks: Sequence[Any], residuals: Sequence[Residual] = ()) -> Stream:
        stream = self
        for block in blocks:
            text, picture = block(
                hidden_states=stream.picture,
                encoder_hidden_states=stream.text,
                temb=self.time,
                image_rotary_emb=self.rotary,
                joint_attention_kwargs=_attention(self.visible),
            )
            stream = replace(stream, picture=picture, text=text, passed=stream.passed + 1).plus(residuals)
        return stream

    def plus(self, residuals: Sequence[Residual]) -> Stream:
        """With what belongs behind the last block."""
        picture = self.picture
        for residual in residuals:
            picture = residual.add(picture, self.passed - 1)
        return replace(self, picture=picture)

    def rows(self, indices: Sequence[int]) -> Stream:
        """Only these rows of the batch."""
        if len(indices) == len(self.picture):
            return self
        chosen = torch.tensor(indices, device=self.picture.device)
        return replace(
            self,
            picture=self.picture[chosen],
            text=self.text[chosen],
            time=self.time[chosen],
            visible=None if self.visible is None else self.visible[chosen],
        )


def whole(transformer: Any, batch: Batch, residuals: Sequence[Residual] = ()) -> torch.Tensor:
    """The velocities [B, S, C] by the model's own forward, or by its parts where something is added in between."""
    if residuals:
        left = enter(transformer, batch).through(blocks(transformer), residuals)
        return leave(transformer, left.picture, left.time)
    velocities: torch.Tensor = transformer(
        hidden_states=batch.latents,
        timestep=batch.timesteps,
        guidance=batch.guidance,
        pooled_projections=batch.pooled,
        encoder_hidden_states=batch.tokens,
        txt_ids=batch.text_ids,
        img_ids=batch.picture_ids,
        joint_attention_kwargs=_attention(batch.visible),
        return_dict=False,
    )[0]
    return velocities


def blocks(transformer: Any) -> list[Any]:
    """All blocks, in order."""
    return [*transformer.transformer_blocks, *transformer.single_transformer_blocks]


def enter(transformer: Any, batch: Batch) -> Stream:
    """All that the forward does before its first block."""
    offload = getattr(transformer, "_hf_hook", None)
    if offload is not None:  # accelerate brings an offloaded model to its device when that is called as a whole
        offload.pre_forward(transformer)
    picture = transformer.x_embedder(batch.latents)
    when = [batch.timesteps.to(picture.dtype) * 1000]
    if batch.guidance is not None:
        when.append(batch.guidance.to(picture.dtype) * 1000)
    return Stream(
        picture=picture,
        text=transformer.context_embedder(batch.tokens),
        time=transformer.time_text_embed(*when, batch.pooled),
        rotary=transformer.pos_embed(torch.cat((batch.text_ids, batch.picture_ids))),
        visible=batch.visible,
    )


def leave(transformer: Any, picture: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
    """All that it does behind its last block: velocities [B, S, C]."""
    velocities: torch.Tensor = transformer.proj_out(transformer.norm_out(picture, time))
    return velocities


def _attention(visible: torch.Tensor | None) -> dict[str, torch.Tensor] | None:
    return None if visible is None else {"attention_mask": visible}
