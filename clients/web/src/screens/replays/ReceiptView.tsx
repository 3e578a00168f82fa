import type { Receipt } from "@openapi";
import { Badge, type Tone } from "@/parts/Badge";
import { Facts, Part } from "@/parts/Facts";
import { texts } from "@/texts";

const said = texts.replays;

/** How it came out, in a word or two. */
export function Outcome({ of }: { of: Receipt }) {
  const kind = of.identical ? "identical" : of.format ? "differs" : "gone";
  const tones: Record<typeof kind, Tone> = { identical: "good", differs: "warn", gone: "plain" };
  return <Badge tone={tones[kind]}>{said.verdicts[kind]}</Badge>;
}

/** How it came out, and why. */
export function ReceiptView({ of }: { of: Receipt }) {
  return (
    <div className="grid gap-6">
      <div className="grid gap-2">
        <div className="flex flex-wrap items-center gap-2">
          <Outcome of={of} />
          {of.pixels && <span className="font-semibold tabular-nums">{said.psnr(of.pixels.psnr)}</span>}
          {of.pixels && <span className="text-soft">{said.seen(of.pixels.psnr)}</span>}
        </div>
        <p>{sentenceOf(of)}</p>
      </div>
      <Reasons of={of} />
    </div>
  );
}

function Reasons({ of }: { of: Receipt }) {
  if (of.differences.length === 0 && (of.identical || !of.format)) return null;
  return (
    <Part title={of.identical ? said.without : said.why}>
      {of.differences.length === 0 ? (
        <p className="text-[13px]">{said.untold}</p>
      ) : (
        <Facts
          facts={of.differences.map(({ what, name, then, now }): [string, string] => [
            [said.what[what], name].filter(Boolean).join(" "),
            what === "environment" ? said.unwritten : said.change(then, now),
          ])}
        />
      )}
    </Part>
  );
}

function sentenceOf({ identical, same_files, format, pixels }: Receipt): string {
  if (identical) return same_files ? said.identical.files : said.identical.pixels;
  if (!format) return said.gone;
  return pixels ? said.apart(pixels.largest, pixels.share) : said.otherSize;
}
