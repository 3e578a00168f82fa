// Making and finding elements. Text goes in as text, never as markup, so a prompt cannot become part of the page.

/** @typedef {Node | string | number | false | null | undefined} Child what is not there is left out */

/**
 * The elements of index.html that are more than an HTMLElement.
 * @typedef {object} Controls
 * @property {HTMLFormElement} order
 * @property {HTMLTextAreaElement} prompt
 * @property {HTMLSelectElement} model
 * @property {HTMLSelectElement} sampler
 * @property {HTMLSelectElement} schedule
 * @property {HTMLInputElement} seed
 * @property {HTMLInputElement} negative_prompt
 * @property {HTMLDetailsElement} more
 * @property {HTMLSelectElement} lora-add
 * @property {HTMLButtonElement} generate
 * @property {HTMLInputElement} start-file
 * @property {HTMLImageElement} start-picture
 * @property {HTMLCanvasElement} start-mask
 * @property {HTMLInputElement} strength
 * @property {HTMLDialogElement} brush
 * @property {HTMLImageElement} brush-picture
 * @property {HTMLCanvasElement} brush-canvas
 * @property {HTMLInputElement} brush-size
 */

/**
 * An element with properties (`class`, `data-*`, `aria-*` and on* handlers included) and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} properties
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && !name.includes("-")) /** @type {any} */ (element)[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) element.append(/** @type {Node | string} */ (child));
  }
  return element;
}

/**
 * A glyph from the sprite of index.html; a pencil for names it does not have.
 * @param {string} name
 */
export function glyph(name) {
  const known = document.getElementById(`glyph-${name}`) ? name : "any";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.classList.add("glyph");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#glyph-${known}`);
  svg.append(use);
  return svg;
}

/**
 * An element of index.html, which has all that this page asks for.
 * @template {string} Id
 * @param {Id} id
 * @returns {Id extends keyof Controls ? Controls[Id] : HTMLElement}
 */
export const byId = (id) => /** @type {any} */ (document.getElementById(id));

/** @type {number | undefined} */
let polite;
/**
 * Say something to people who listen to the page instead of looking at it.
 * @param {string} text
 */
export function announce(text) {
  clearTimeout(polite);
  byId("live").textContent = "";
  polite = setTimeout(() => {
    byId("live").textContent = text;
  }, 50);
}

/**
 * Seconds that remain, no more precise than they deserve.
 * @param {number} seconds
 */
export function duration(seconds) {
  if (seconds <= -2) return "longer than estimated";
  if (seconds < 1.5) return "about a second";
  if (seconds < 90) return `about ${Math.round(seconds)} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

/**
 * A number with a minus that reads as one.
 * @param {number} number
 * @param {number} [digits]
 */
export const signed = (number, digits) =>
  (digits === undefined ? String(number) : number.toFixed(digits)).replace("-", "−");

/**
 * How long ago, in one unit.
 * @param {string} iso
 */
export function ago(iso) {
  const seconds = Math.max(0, (Date.now() - Date.parse(iso)) / 1000);
  if (seconds < 45) return "just now";
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return new Date(iso).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}
