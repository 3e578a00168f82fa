/** What of these screens is looked at: in the address, so that a link shows the same. */
const word = (said: unknown): string | undefined => (typeof said === "string" && said ? said : undefined);

export interface ChampionSearch {
  type?: string | undefined;
  quality?: string | undefined;
}

export const readChampionSearch = (said: Record<string, unknown>): ChampionSearch => ({
  type: word(said.type),
  quality: word(said.quality),
});

/** The experiment of which a new version is made. */
export interface NextSearch {
  id?: string | undefined;
  /** A new one begins with a way that draws with this LoRA, at this strength. */
  lora?: string | undefined;
  strength?: number | undefined;
}

export const readNextSearch = (said: Record<string, unknown>): NextSearch => {
  const strength = Number(said.strength);
  return {
    id: word(said.id),
    lora: word(said.lora),
    strength: said.strength !== undefined && Number.isFinite(strength) ? strength : undefined,
  };
};

export interface SetSearch {
  set?: string | undefined;
}

export const readSetSearch = (said: Record<string, unknown>): SetSearch => ({ set: word(said.set) });
