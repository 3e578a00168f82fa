import type { DatasetBody, DatasetPictureBody } from "@openapi";
import { describe, expect, it } from "vitest";
import {
  accepted,
  changeCount,
  changesOf,
  draftedPictures,
  isOpen,
  NOTHING,
  replaced,
  righted,
  triggered,
  without,
  written,
} from "./draft";

const picture = (id: string, caption: string, by = "human") =>
  ({ picture: id, name: `${id}.png`, caption, caption_by: by, right: "unknown", source: "" }) as DatasetPictureBody;
const [mug, bell, key] = [picture("mug", "a Cup"), picture("bell", "a bell", "draft"), picture("key", "")];
const dataset = { id: "kestrel", version: "1.2.0", pictures: [mug, bell, key] } as DatasetBody;

describe("changes of a dataset that are not saved", () => {
  it("are captions that differ from what is saved, and no others", () => {
    const once = written(NOTHING, mug, "a mug");
    expect(changesOf(dataset, once).captions).toEqual([
      { picture: "mug", caption: "a mug", by: "human", unsure: false },
    ]);
    expect(changeCount(written(once, mug, " a Cup "))).toBe(0);
    expect(changeCount(written(NOTHING, key, " "))).toBe(0);
  });

  it("count what a program wrote as read, once somebody keeps it", () => {
    expect(changesOf(dataset, written(NOTHING, bell, "a bell")).captions).toEqual([
      { picture: "bell", caption: "a bell", by: "human", unsure: false },
    ]);
  });

  it("keep whether their writer was sure, until somebody reads them", () => {
    const draft = written(NOTHING, key, "an icon", "mini-captioner@1", true);
    expect(changesOf(dataset, draft).captions).toEqual([
      { picture: "key", caption: "an icon", by: "mini-captioner@1", unsure: true },
    ]);
    expect(draftedPictures(dataset, draft)[2]).toMatchObject({ caption_by: "mini-captioner@1", unsure: true });
    expect(changesOf(dataset, written(draft, key, "an icon")).captions).toEqual([
      { picture: "key", caption: "an icon", by: "human", unsure: false },
    ]);
  });

  it("are accepted at once where a program wrote them, and a person's stay as they are", () => {
    const suggested = written(NOTHING, key, "a key", "mini-captioner@1");
    const { draft, count } = accepted(dataset, suggested, ["mug", "bell", "key"]);
    expect(count).toBe(2);
    expect(draft.captions).toEqual({
      bell: { caption: "a bell", by: "human" },
      key: { caption: "a key", by: "human" },
    });
    expect(draftedPictures(dataset, draft).filter(isOpen)).toEqual([]);
    expect(dataset.pictures.filter(isOpen).map((one) => one.picture)).toEqual(["bell", "key"]);
  });

  it("say a right once for all pictures that it is of", () => {
    const draft = righted(righted(NOTHING, ["mug", "bell"], "bought", " a shop "), ["key"], "own", "");
    expect(changesOf(dataset, draft).rights).toEqual([
      { right: "bought", source: "a shop", pictures: ["mug", "bell"] },
      { right: "own", source: "", pictures: ["key"] },
    ]);
  });

  it("say nothing of pictures that are taken out, or gone", () => {
    const draft = without(righted(written(NOTHING, mug, "a mug"), ["mug", "gone"], "own", ""), ["mug", "gone"]);
    expect(changesOf(dataset, draft)).toEqual({ version: "1.2.0", captions: [], rights: [], remove: ["mug"] });
    expect(draftedPictures(dataset, draft).map((one) => one.picture)).toEqual(["bell", "key"]);
  });

  it("exchange words as they are written, not as patterns", () => {
    const { draft, count } = replaced(dataset, NOTHING, ["mug", "bell", "key"], "CUP", "$& mug");
    expect(count).toBe(1);
    expect(draft.captions.mug?.caption).toBe("a $& mug");
    expect(replaced(dataset, NOTHING, ["mug"], "c.p", "x").count).toBe(0);
  });

  it("write the trigger where it is missing, and never twice", () => {
    const { draft, count } = triggered(dataset, written(NOTHING, mug, "a mug, Kestrel style"), "kestrel style");
    expect(count).toBe(1);
    expect(draft.captions.bell).toEqual({ caption: "a bell, kestrel style", by: "draft" });
    expect(draft.captions.key).toBeUndefined();
  });
});
