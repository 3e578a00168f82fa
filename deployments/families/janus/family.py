"""The Janus family: equal to `JanusForConditionalGeneration.generate` in image mode for the same seed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import torch
from torch import nn
from transformers import LogitsProcessorList

from configs.errors import StageError
from configs.sampling import Sampling
from configs.schema import ModelConfig
from deployments.families.family import FusedLora, Work
from deployments.families.janus.checkpoint import Checkpoint, read_checkpoint
from deployments.families.janus.sampler import Sampler
from deployments.families.pictures import check_unread
from deployments.families.samplers import check_own
from deployments.loras.keys import Anatomy
from deployments.loras.slots import Slots
from deployments.messages import GenerateRequest, Picture
from deployments.pipelines.whole import Watch

_SAMPLING = Sampling(sampler="multinomial")


class Janus:
    """A loaded Janus model (see `Whole`).

    A picture is a square of tokens, written line by line. A line is a step, and there are always as many: 24.
    """

    proven = True

    def __init__(self, checkpoint: Checkpoint, config: ModelConfig) -> None:
        self._model, self._tokenizer = checkpoint.model, checkpoint.tokenizer
        self._template = checkpoint.template
        self._mean, self._deviation = torch.tensor(checkpoint.mean), torch.tensor(checkpoint.deviation)
        self._text_length = config.text_length
        vision = self._model.config.vision_config
        self._pixels = int(vision.image_size)
        self.least_steps = self._pixels // int(vision.patch_size)
        self.device = str(self._model.device)
        self.dtype = str(self._model.dtype).removeprefix("torch.")
        self.weights = checkpoint.weights
        self.anatomy = Anatomy("transformer", type(self._model), {}, {})
        head: nn.Module = self._model.model.generation_head
        self.slots = Slots(head, [name for name, part in head.named_modules() if isinstance(part, nn.Linear)], {})

    def work(self, request: GenerateRequest) -> Work:
        check_own(request, _SAMPLING)
        check_unread(request, "latents", "references", "controls", "image_prompts", "variations")
        for field in ("image", "mask"):
            if getattr(request, field) is not None:
                raise StageError(f"this model draws from words alone: leave out '{field}'", field)
        side, steps = self._pixels, self.least_steps
        if (request.width, request.height) != (side, side):
            asked = f"{request.width}x{request.height}"
            raise StageError(f"this model draws {side}x{side} pixels only, and {asked} is another size", "size")
        if request.num_inference_steps != steps:
            message = f"this model writes {steps} lines of tokens, no more and no fewer: ask for {steps} steps"
            raise StageError(message, "num_inference_steps")
        count = len(self._tokenizer(self._write(request.prompt)).input_ids)
        if count > self._text_length:
            message = f"this prompt has {count} tokens and the model reads {self._text_length}: shorten it"
            raise StageError(message, "prompt")
        return Work(side, 1, steps)

    def size(self, bucket: Hashable) -> float:  # noqa: ARG002 - there is one size
        return 1.0

    def draw(self, requests: Sequence[GenerateRequest], watch: Watch) -> list[Picture]:
        levels = (self.render(requests, watch) * self._deviation + self._mean) * 255
        # The library cuts what is after the point, and its own processor for this needs torchvision.
        pixels = levels.clamp(0, 255).to(torch.uint8).contiguous().numpy()
        return [Picture(self._pixels, self._pixels, one.tobytes()) for one in pixels]

    @torch.inference_mode()
    def render(self, requests: Sequence[GenerateRequest], watch: Watch) -> torch.Tensor:
        """What the model returns for pixels: [requests, H, W, 3], to be unnormalised."""
        config = self._model.generation_config
        sampler = Sampler(requests, config, self.least_steps, watch)
        texts = self._tokenizer(
            [self._write(request.prompt) for request in requests],
            padding=True,
            padding_side="left",
            return_tensors="pt",
        ).to(self._model.device)
        tokens = self._model.generate(
            inputs=texts.input_ids,
            attention_mask=texts.attention_mask,
            logits_processor=LogitsProcessorList([sampler]),
            generation_mode="image",
            # The sampler has guided and chosen: the loop adds no guidance of its own and takes the best score.
            guidance_scale=1.0,
            do_sample=False,
        )
        pixels: torch.Tensor = self._model.decode_image_tokens(tokens).float().cpu()
        return pixels

    def _write(self, prompt: str) -> str:
        """The prompt as the model was taught to read it, up to where its answer is a picture."""
        message: Any = [{"role": "user", "content": [{"type": "text", "text": prompt}]}]
        text = self._tokenizer.apply_chat_template(
            message, chat_template=self._template, tokenize=False, add_generation_prompt=True
        )
        return f"{text}{self._tokenizer.boi_token}"


def load(config: ModelConfig, loras: Sequence[FusedLora] = ()) -> Janus:
    """Check the weights and build the model. Raises ConfigError with one plain sentence."""
    return Janus(read_checkpoint(config, loras), config)
