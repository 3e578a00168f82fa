// The LoRAs of an order: chosen from those that fit the model, each with its strength.

import { announce, byId, make, signed } from "./elements.js";

/** @import { LoraBody, LoraUse } from "../openapi.d.ts" */

/** @type {LoraBody[]} */
let known = [];
let most = 0;
let changed = () => {};
let model = "";
/** @type {LoraUse[]} */
let chosen = [];

/**
 * `loras` as the API lists them, how many one order may combine, and whom to tell of a change.
 * @param {LoraBody[]} loras
 * @param {number} limit
 * @param {() => void} onChange
 */
export function setUp(loras, limit, onChange) {
  [known, most, changed] = [loras, limit, onChange];
  byId("lora-add").addEventListener("change", () => {
    const lora = known.find((one) => one.id === byId("lora-add").value);
    if (lora) add(lora);
  });
}

/**
 * Offer what fits `modelId`. Keeps the choice that still fits, or takes over `uses`.
 * @param {string} modelId
 * @param {LoraUse[]} uses
 */
export function show(modelId, uses = chosen) {
  model = modelId;
  chosen = uses.filter((use) => fitting().some((lora) => lora.id === use.id)).map((use) => ({ ...use }));
  draw();
}

/** What is chosen, as POST /generate takes it. */
export const read = () => chosen.map(({ id, strength }) => ({ id, strength }));

/** @param {LoraUse} use one that fits, so it is known */
const loraOf = (use) => /** @type {LoraBody} */ (known.find((lora) => lora.id === use.id));

const fitting = () => known.filter((lora) => lora.models.includes(model));

/** @param {LoraBody} lora */
function add(lora) {
  chosen.push({ id: lora.id, strength: lora.default_strength });
  draw();
  byId("lora-list").lastElementChild?.querySelector("input")?.focus();
  announce(`${lora.name} added`);
  changed();
}

/** @param {string} id */
function remove(id) {
  chosen = chosen.filter((use) => use.id !== id);
  draw();
  (byId("lora-add").hidden ? byId("lora-list").querySelector("button") : byId("lora-add"))?.focus();
  changed();
}

function draw() {
  const left = fitting().filter((lora) => !chosen.some((use) => use.id === lora.id));
  byId("loras").hidden = fitting().length === 0;
  byId("lora-list").replaceChildren(...chosen.map((use) => row(use, loraOf(use))));
  byId("lora-add").hidden = left.length === 0 || chosen.length >= most;
  byId("lora-add").replaceChildren(
    make("option", { value: "" }, chosen.length ? "Add another …" : "None"),
    ...left.map((lora) => make("option", { value: lora.id, title: lora.description }, lora.name)),
  );
  byId("loras-hint").textContent = chosen
    .map((use) => hint(loraOf(use)))
    .filter(Boolean)
    .join(" · ");
}

/**
 * What it is for, and what its pictures are not for.
 * @param {LoraBody} lora
 */
function hint({ description, licence }) {
  return [description, licence.product !== "allowed" && `product use ${licence.product}`].filter(Boolean).join(", ");
}

/**
 * @param {LoraUse} use
 * @param {LoraBody} lora
 */
function row(use, lora) {
  const shown = make("output", {}, signed(use.strength, 2));
  const slider = make("input", {
    type: "range",
    min: -2,
    max: 2,
    step: 0.05,
    value: use.strength,
    "aria-label": `Strength of ${lora.name}`,
    oninput: () => {
      use.strength = Number(slider.value);
      shown.textContent = signed(use.strength, 2);
    },
  });
  return make(
    "li",
    { class: "lora" },
    make("b", { title: lora.description || lora.name }, lora.name),
    make("label", {}, slider, shown),
    make("button", { type: "button", "aria-label": `Remove ${lora.name}`, onclick: () => remove(use.id) }, "×"),
  );
}
