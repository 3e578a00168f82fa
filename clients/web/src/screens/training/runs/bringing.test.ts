import { describe, expect, it } from "vitest";
import { bringing, strengthIn } from "./bringing";

const icon = {
  id: "icon",
  version: "1.1.0",
  name: "Icon",
  families: { flux: { guidance_scale: 3.5, loras: [{ id: "ink", strength: 0.5 }] }, sdxl: { steps: {} } },
};

describe("an asset type that brings a LoRA", () => {
  it("has it beside what it had, and is else as it was", () => {
    expect(bringing(icon, "flux", "kestrel", 0.8)).toEqual({
      name: "Icon",
      families: {
        flux: {
          guidance_scale: 3.5,
          loras: [
            { id: "ink", strength: 0.5 },
            { id: "kestrel", strength: 0.8 },
          ],
        },
        sdxl: { steps: {} },
      },
    });
  });

  it("has it once, at the new strength, and in a family that it said nothing of", () => {
    const twice = bringing(bringing(icon, "flux", "ink", 0.9), "z-image", "ink", 1);
    expect(strengthIn(twice, "flux", "ink")).toBe(0.9);
    expect(strengthIn(twice, "z-image", "ink")).toBe(1);
    expect(strengthIn(icon, "sdxl", "ink")).toBeNull();
  });
});
