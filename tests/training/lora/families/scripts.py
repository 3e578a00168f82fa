"""A step of diffusers' own LoRA training scripts (examples/dreambooth, examples/text_to_image), restated: the loss that
each makes of latents, noise and sigmas, by the library's own functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import diffusers
import torch
from diffusers import training_utils
from torch.nn.functional import mse_loss

from deployments.families.training import Conditions

parts: Any = diffusers
tools: Any = training_utils
Script = Callable[..., torch.Tensor]
"""Of a pipeline, latents, noise, sigmas and conditions, the loss."""


def _flow(latents: torch.Tensor, noise: torch.Tensor, sigmas: torch.Tensor, predicted: torch.Tensor) -> torch.Tensor:
    weighting = tools.compute_loss_weighting_for_sd3(weighting_scheme="none", sigmas=sigmas)
    error = weighting.float() * (predicted.float() - (noise - latents).float()) ** 2
    loss: torch.Tensor = error.reshape(len(latents), -1).mean(1).mean()
    return loss


def _mixed(latents: torch.Tensor, noise: torch.Tensor, sigmas: torch.Tensor) -> torch.Tensor:
    return (1.0 - sigmas) * latents + sigmas * noise


def _cat(conditions: Sequence[Conditions], name: str) -> torch.Tensor:
    return torch.cat([each[name] for each in conditions])


def flux(
    pipeline: Any, latents: torch.Tensor, noise: torch.Tensor, sigmas: torch.Tensor, conditions: Sequence[Conditions]
) -> torch.Tensor:
    """train_dreambooth_lora_flux.py, at a guidance scale of 1."""
    count, channels, height, width = latents.shape
    model = pipeline.transformer
    places = parts.FluxPipeline._prepare_latent_image_ids(count, height // 2, width // 2, "cpu", torch.float32)
    packed = parts.FluxPipeline._pack_latents(_mixed(latents, noise, sigmas), count, channels, height, width)
    tokens = _cat(conditions, "tokens")
    predicted = model(
        hidden_states=packed,
        timestep=sigmas.flatten() * 1000 / 1000,
        guidance=torch.tensor([1.0]).expand(count) if model.config.guidance_embeds else None,
        pooled_projections=_cat(conditions, "pooled"),
        encoder_hidden_states=tokens,
        txt_ids=torch.zeros(tokens.shape[1], 3),
        img_ids=places,
        return_dict=False,
    )[0]
    factor = pipeline.vae_scale_factor
    unpacked = parts.FluxPipeline._unpack_latents(predicted, height * factor, width * factor, factor)
    return _flow(latents, noise, sigmas, unpacked)


def flux2(
    pipeline: Any, latents: torch.Tensor, noise: torch.Tensor, sigmas: torch.Tensor, conditions: Sequence[Conditions]
) -> torch.Tensor:
    """train_dreambooth_lora_flux2.py, and that of klein, which is told no guidance."""
    model, cls = pipeline.transformer, parts.Flux2Pipeline
    places = cls._prepare_latent_ids(latents)
    packed = cls._pack_latents(_mixed(latents, noise, sigmas))
    tokens = _cat(conditions, "tokens")
    predicted = model(
        hidden_states=packed,
        timestep=sigmas.flatten() * 1000 / 1000,
        guidance=torch.full([1], 1.0).expand(len(latents)) if model.config.guidance_embeds else None,
        encoder_hidden_states=tokens,
        txt_ids=cls._prepare_text_ids(tokens),
        img_ids=places,
        return_dict=False,
    )[0][:, : packed.size(1)]
    return _flow(latents, noise, sigmas, cls._unpack_latents_with_ids(predicted, places))


def sd3(
    pipeline: Any, latents: torch.Tensor, noise: torch.Tensor, sigmas: torch.Tensor, conditions: Sequence[Conditions]
) -> torch.Tensor:
    """train_dreambooth_lora_sd3.py."""
    predicted = pipeline.transformer(
        hidden_states=_mixed(latents, noise, sigmas),
        timestep=sigmas.flatten() * 1000,
        encoder_hidden_states=_cat(conditions, "tokens"),
        pooled_projections=_cat(conditions, "pooled"),
        return_dict=False,
    )[0]
    return _flow(latents, noise, sigmas, predicted)


def hidream(
    pipeline: Any, latents: torch.Tensor, noise: torch.Tensor, sigmas: torch.Tensor, conditions: Sequence[Conditions]
) -> torch.Tensor:
    """train_dreambooth_lora_hidream.py."""
    predicted = pipeline.transformer(
        hidden_states=_mixed(latents, noise, sigmas),
        encoder_hidden_states_t5=_cat(conditions, "t5"),
        encoder_hidden_states_llama3=_cat(conditions, "llama").transpose(0, 1),
        pooled_embeds=_cat(conditions, "pooled"),
        timesteps=sigmas.flatten() * 1000,
        return_dict=False,
    )[0]
    return _flow(latents, noise, sigmas, predicted * -1)


def qwen_image(
    pipeline: Any, latents: torch.Tensor, noise: torch.Tensor, sigmas: torch.Tensor, conditions: Sequence[Conditions]
) -> torch.Tensor:
    """train_dreambooth_lora_qwen_image.py, of latents with the one frame that it keeps: [B, C, 1, h, w]."""
    latents, noise, sigmas = (each[:, :, None] for each in (latents, noise, sigmas))
    count, channels, _, height, width = latents.shape
    cls, factor = parts.QwenImagePipeline, pipeline.vae_scale_factor
    longest = max(each["tokens"].shape[1] for each in conditions)
    tokens = torch.cat([_padded(each["tokens"], longest) for each in conditions])
    mask = torch.cat([_padded(torch.ones_like(each["tokens"][..., :1]), longest) for each in conditions])[..., 0]
    packed = cls._pack_latents(
        _mixed(latents, noise, sigmas).permute(0, 2, 1, 3, 4),
        batch_size=count,
        num_channels_latents=channels,
        height=height,
        width=width,
    )
    predicted = pipeline.transformer(
        hidden_states=packed,
        encoder_hidden_states=tokens,
        encoder_hidden_states_mask=mask.long(),
        timestep=sigmas.flatten() * 1000 / 1000,
        img_shapes=[(1, height // 2, width // 2)] * count,
        return_dict=False,
    )[0]
    return _flow(latents, noise, sigmas, cls._unpack_latents(predicted, height * factor, width * factor, factor))


def z_image(
    pipeline: Any, latents: torch.Tensor, noise: torch.Tensor, sigmas: torch.Tensor, conditions: Sequence[Conditions]
) -> torch.Tensor:
    """train_dreambooth_lora_z_image.py."""
    mixed = list(_mixed(latents, noise, sigmas).unsqueeze(2).unbind(dim=0))
    told = (1000 - sigmas.flatten() * 1000) / 1000
    predicted = pipeline.transformer(mixed, told, [each["tokens"][0] for each in conditions], return_dict=False)[0]
    return _flow(latents, noise, sigmas, -torch.stack(predicted, dim=0).squeeze(2))


def sdxl(
    pipeline: Any,
    latents: torch.Tensor,
    noise: torch.Tensor,
    sigmas: torch.Tensor,
    conditions: Sequence[Conditions],
    snr_gamma: float | None = None,
) -> torch.Tensor:
    """train_text_to_image_lora_sdxl.py, whose steps are numbers from 0 to 999. (For v its sister in examples/dreambooth
    weights by min-SNR plus one, where the paper divides by SNR plus one; without min-SNR they are alike.)"""
    scheduler = parts.DDPMScheduler.from_config(pipeline.scheduler.config)
    steps = (sigmas.flatten() * 1000).long()
    height, width = (side * pipeline.vae_scale_factor for side in latents.shape[-2:])
    predicted = pipeline.unet(
        scheduler.add_noise(latents, noise, steps),
        steps,
        _cat(conditions, "tokens"),
        added_cond_kwargs={
            "time_ids": torch.tensor([[height, width, 0, 0, height, width]] * len(latents)),
            "text_embeds": _cat(conditions, "pooled"),
        },
        return_dict=False,
    )[0]
    says_noise = scheduler.config.prediction_type == "epsilon"
    target = noise if says_noise else scheduler.get_velocity(latents, noise, steps)
    if snr_gamma is None:
        return mse_loss(predicted.float(), target.float(), reduction="mean")
    snr = tools.compute_snr(scheduler, steps)
    weights = torch.stack([snr, snr_gamma * torch.ones_like(steps)], dim=1).min(dim=1)[0]
    weights = weights / snr if says_noise else weights / (snr + 1)
    errors = mse_loss(predicted.float(), target.float(), reduction="none")
    loss: torch.Tensor = (errors.mean(dim=list(range(1, errors.ndim))) * weights).mean()
    return loss


SCRIPTS: Mapping[str, Script] = {
    "flux": flux,
    "flux2": flux2,
    "sd3": sd3,
    "sdxl": sdxl,
    "hidream": hidream,
    "qwen-image": qwen_image,
    "z-image": z_image,
}


def _padded(tokens: torch.Tensor, length: int) -> torch.Tensor:
    return torch.nn.functional.pad(tokens, (0, 0, 0, length - tokens.shape[1]))
