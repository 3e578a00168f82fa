import { describe, expect, it } from "vitest";
import { newSlot, readType, writeType } from "./assetType";
import { groundOf, newColour, readKit, writeKit } from "./brandKit";
import { contrast, goodFor } from "./contrast";
import { bump, compareVersions } from "./semver";
import { fill, hasSubject, undescribed } from "./template";

const KIT = {
  id: "harbour",
  name: "Harbour",
  palette: [
    { name: "Deep water", colour: "#0f4c5c" },
    { name: "Sky", colour: "#f4f8f9", role: "ground", tolerance: 0.03 },
  ],
  clear_space: 0.15,
  banned_words: ["pirate", "shipwreck"],
  tone: "airy",
  invented_later: { kept: true },
};

const TYPE = {
  id: "icon",
  name: "Icon",
  description: "Icons",
  prompt_template: "{subject}, in {setting}, {style}, flat",
  slots: { setting: { description: "Where", default: "" } },
  styles: {
    house: { name: "House", loras: { mini: [{ id: "house" }] } },
    filled: { name: "Filled", words: "solid shapes", negative_prompt: "outlines" },
  },
  families: { flux: { guidance_scale: 3.5 } },
  default_size: "512x512",
  sizes: ["256x256", "512x512"],
  stages: { refine: false },
  formats: ["png", "svg"],
};

describe("a brand kit as a form", () => {
  it("says the same when nothing was changed, with what it does not show", () => {
    expect(writeKit(KIT, readKit(KIT))).toEqual(KIT);
  });

  it("takes a new colour, and words one a line", () => {
    const form = readKit(KIT);
    const changed = {
      ...form,
      banned: "pirate\n rum ,\n",
      palette: [...form.palette, { ...newColour(), name: "Buoy" }],
    };
    const body = writeKit(KIT, changed);
    expect(body.banned_words).toEqual(["pirate", "rum"]);
    expect(body.palette).toContainEqual({ name: "Buoy", colour: "#808080", role: "secondary" });
  });

  it("leaves out what is empty", () => {
    expect(writeKit(KIT, { ...readKit(KIT), tone: " ", clearSpace: 0 })).not.toHaveProperty("tone");
  });

  it("lies on its ground, or on white", () => {
    expect(groundOf(readKit(KIT).palette)).toBe("#f4f8f9");
    expect(groundOf([])).toBe("#ffffff");
  });
});

describe("an asset type as a form", () => {
  it("says the same when nothing was changed, stages and terms of models included", () => {
    const { slots, ...rest } = writeType(TYPE, readType(TYPE));
    expect(slots).toEqual({ setting: { description: "Where" } });
    expect({ ...rest, slots: TYPE.slots }).toEqual(TYPE);
  });

  it("takes a slot with choices", () => {
    const slot = { ...newSlot(), name: "mood", choices: "calm, busy", required: true };
    const body = writeType(TYPE, { ...readType(TYPE), slots: [slot] });
    expect(body.slots).toEqual({ mood: { choices: ["calm", "busy"], required: true } });
  });
});

describe("a template", () => {
  it("loses the phrases of which a slot is empty", () => {
    const words = { subject: "a lighthouse", style: "solid shapes" };
    expect(fill(TYPE.prompt_template, words)).toBe("a lighthouse, solid shapes, flat");
    expect(fill(TYPE.prompt_template, { ...words, setting: "fog" })).toBe("a lighthouse, in fog, solid shapes, flat");
  });

  it("says which of its slots nobody describes, and whether it has the subject once", () => {
    expect(undescribed("{subject}, {mood}, {style}", ["setting"])).toEqual(["mood"]);
    expect(hasSubject("{subject} and {subject}")).toBe(false);
    expect(hasSubject("{prompt}, flat")).toBe(true);
  });
});

describe("contrast", () => {
  it("is that of WCAG", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
    expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
    expect(goodFor(contrast("#767676", "#ffffff"))).toBe("text");
    expect(goodFor(3.2)).toBe("large");
    expect(goodFor(1.5)).toBe("little");
  });
});

describe("versions", () => {
  it("go up by what has changed", () => {
    expect(bump("1.9.3", "patch")).toBe("1.9.4");
    expect(bump("1.9.3", "minor")).toBe("1.10.0");
    expect(bump("1.9.3", "major")).toBe("2.0.0");
  });

  it("are compared by number", () => {
    expect(compareVersions("1.10.0", "1.9.0")).toBeGreaterThan(0);
    expect(compareVersions("1.0.0", "1.0.0")).toBe(0);
  });
});
