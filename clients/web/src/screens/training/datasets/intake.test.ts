import { describe, expect, it } from "vitest";
import { joined, pair } from "./intake";

/** jsdom's files cannot be read as browsers' can. */
const caption = (text: string, name: string) =>
  Object.assign(new File([text], name, { type: "text/plain" }), { text: async () => text });
const picture = (name: string, type = "image/png") => new File(["x"], name, { type });

describe("what is dropped for a dataset", () => {
  it("is pictures by name, with the captions that lie beside them", async () => {
    const files = [
      picture("mug-10.png"),
      picture("mug-2.png"),
      caption("  a mug,\n kestrel style \n", "mug-2.txt"),
      new File(["{}"], "notes.json"),
      picture("logo.svg", "image/svg+xml"),
    ];
    const brought = await pair(files);
    expect(brought.map(({ file, caption }) => [file.name, caption])).toEqual([
      ["mug-2.png", "a mug, kestrel style"],
      ["mug-10.png", ""],
    ]);
  });

  it("is each file once, however often it is dropped", async () => {
    const once = await pair([picture("a.png"), picture("b.png")]);
    expect(joined(once, await pair([picture("b.png"), picture("c.png")]))).toHaveLength(3);
  });
});
