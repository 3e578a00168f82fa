import type { Overlay } from "@openapi";
import { texts } from "@/texts";

/** What an overlay changes, in words; nothing for one that changes nothing. */
export function changesOf(overlay: Overlay): string[] {
  const words = texts.judge.overlay;
  const said: string[] = [];
  if (overlay.model) said.push(words.model(overlay.model));
  for (const { id, strength } of overlay.loras)
    said.push(strength === 0 ? words.withoutLora(id) : words.lora(id, strength ?? null));
  if (overlay.asset_type) said.push(words.assetType(overlay.asset_type));
  if (overlay.brand_kit) said.push(words.brandKit(overlay.brand_kit));
  for (const [quality, steps] of Object.entries(overlay.steps)) said.push(words.steps(steps as number, quality));
  if (typeof overlay.guidance_scale === "number") said.push(words.guidance(overlay.guidance_scale));
  if (overlay.sampler) said.push(words.sampler(overlay.sampler));
  if (overlay.schedule) said.push(words.schedule(overlay.schedule));
  for (const [kind, setting] of Object.entries(overlay.stages)) said.push(stage(kind, setting));
  if (overlay.best_of) said.push(words.bestOf(overlay.best_of));
  return said;
}

/** An overlay in one line. */
export const inWords = (overlay: Overlay): string => changesOf(overlay).join(", ") || texts.judge.overlay.nothing;

function stage(kind: string, setting: unknown): string {
  const words = texts.judge.overlay;
  if (setting === false) return words.withoutStage(kind);
  if (typeof setting !== "object" || setting === null || Object.keys(setting).length === 0) return words.stage(kind);
  const settings = Object.entries(setting).map(([name, value]) => `${name} ${String(value)}`);
  return words.settings(kind, settings.join(", "));
}
