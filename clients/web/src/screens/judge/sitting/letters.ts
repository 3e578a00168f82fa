/** Sides of a ballot as people call them: A and B, of a screen of four to D; and the other answers. */
const SIDES = ["left", "right"];
const LETTERS = "ABCD";

/** Which picture a choice means, from 0; null for tie, both_bad and skip. */
export function placeOf(choice: string): number | null {
  const side = SIDES.indexOf(choice);
  if (side >= 0) return side;
  return /^\d+$/.test(choice) ? Number(choice) : null;
}

export const letterAt = (place: number): string => LETTERS[place] ?? String(place + 1);

/** The letter of a side; null for an answer that is none. */
export function letterOf(choice: string): string | null {
  const place = placeOf(choice);
  return place === null ? null : letterAt(place);
}

/** Those of a ballot's choices that are pictures. */
export const sidesOf = (choices: readonly string[]): string[] => choices.filter((choice) => placeOf(choice) !== null);
