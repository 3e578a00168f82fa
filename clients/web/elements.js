// Making and finding elements. Text goes in as text, never as markup, so a prompt cannot become part of the page.

/** An element with properties (`class`, `data-*`, `aria-*` and on* handlers included) and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A glyph from the sprite of index.html; a pencil for names it does not have. */
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

export const byId = (id) => document.getElementById(id);

let polite;
/** Say something to people who listen to the page instead of looking at it. */
export function announce(text) {
  clearTimeout(polite);
  byId("live").textContent = "";
  polite = setTimeout(() => { byId("live").textContent = text; }, 50);
}

/** Seconds that remain, no more precise than they deserve. */
export function duration(seconds) {
  if (seconds <= -2) return "longer than estimated";
  if (seconds < 1.5) return "about a second";
  if (seconds < 90) return `about ${Math.round(seconds)} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

/** A number with a minus that reads as one. */
export const signed = (number, digits) => (digits === undefined ? String(number) : number.toFixed(digits)).replace("-", "−");

/** How long ago, in one unit. */
export function ago(iso) {
  const seconds = Math.max(0, (Date.now() - Date.parse(iso)) / 1000);
  if (seconds < 45) return "just now";
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return new Date(iso).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}
