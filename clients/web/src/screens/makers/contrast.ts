const HEX = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i;

export const isColour = (text: string): boolean => HEX.test(text);

/** Relative luminance of #RRGGBB (WCAG 2.2); 0 for what is no colour. */
function luminance(colour: string): number {
  const parts = HEX.exec(colour);
  if (!parts) return 0;
  const [red = 0, green = 0, blue = 0] = parts.slice(1).map((part) => {
    const share = Number.parseInt(part, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** How well two colours are told apart, from 1 to 21 (WCAG 2.2). */
export function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

/** What a contrast is enough for. */
export function goodFor(ratio: number): "text" | "large" | "little" {
  if (ratio >= 4.5) return "text";
  return ratio >= 3 ? "large" : "little";
}
