import { describe, expect, it } from "vitest";
import { trialRequest } from "./trial";

const TRIAL = { prompt: "a lighthouse", seed: 7, assetType: "logo" };

describe("a trial", () => {
  it("names the version of an asset type, and nothing else differs between two", () => {
    const [one, other] = ["1.0.0", "1.1.0"].map((version) => trialRequest("asset-types", "icon", version, TRIAL));
    expect(one).toMatchObject({ asset_type: "icon@1.0.0", seed: 7, quality: "draft", num_variations: 1 });
    expect({ ...one, asset_type: "" }).toEqual({ ...other, asset_type: "" });
  });

  it("draws a LoRA with an asset type, on a model that it fits", () => {
    expect(trialRequest("loras", "icons", "1.1.0", { ...TRIAL, model: "mini" })).toMatchObject({
      asset_type: "logo",
      model: "mini",
      loras: [{ id: "icons@1.1.0" }],
    });
    expect(trialRequest("loras", "icons", "1.1.0", TRIAL)).not.toHaveProperty("model");
  });

  it("draws a brand kit with an asset type", () => {
    const request = trialRequest("brand-kits", "harbour", "2.0.0", TRIAL);
    expect(request).toMatchObject({ asset_type: "logo", brand_kit: "harbour@2.0.0" });
  });
});
