// The sampler of an order and where its steps lie: offered where the chosen model leaves a choice.

import { byId, make } from "./elements.js";

/** @import { ModelBody, SamplerBody } from "../openapi.d.ts" */

/**
 * Offer what `model` can. A choice that it has too stays; what it has no use for is neither offered nor sent.
 * @param {ModelBody | undefined} model
 */
export function show(model) {
  const samplers = model?.capabilities.samplers ?? [];
  offer("sampler", samplers.length > 1 ? samplers : [], samplers.find((one) => one.id === model?.sampler)?.name);
  const chosen = samplers.find((one) => one.id === (byId("sampler").value || model?.sampler));
  const schedules = (chosen?.schedules ?? []).map((id) => ({ id, name: id.replace("_", " ") }));
  const usual = chosen?.id === model?.sampler ? model?.schedule : null;
  offer("schedule", schedules.length > 1 ? schedules : [], usual?.replace("_", " "));
}

/** What is chosen, as POST /generate takes it. */
export function read() {
  const [sampler, schedule] = [byId("sampler").value, byId("schedule").value];
  return { ...(sampler && { sampler }), ...(schedule && { schedule }) };
}

/**
 * @param {"sampler" | "schedule"} name
 * @param {{ id: string, name: string }[]} choices
 * @param {string | null} [usual]
 */
function offer(name, choices, usual) {
  const select = byId(name);
  const kept = choices.some((one) => one.id === select.value) ? select.value : "";
  select.replaceChildren(
    make("option", { value: "", selected: kept === "" }, usual ? `Usual (${usual})` : "Usual"),
    ...choices.map((one) => make("option", { value: one.id, selected: one.id === kept }, one.name)),
  );
  /** @type {HTMLElement} */ (select.closest(".field")).hidden = !choices.length;
}
