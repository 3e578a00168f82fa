import type { FoundImage } from "@openapi";
import { useNavigate } from "@tanstack/react-router";
import { ArrowLeftRight, Maximize } from "lucide-react";
import { useState } from "react";
import { Button } from "@/parts/Button";
import { Select, Slider } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
import { FIT, STEP, type View, zoomed } from "@/pictures/view";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { type CompareSearch, MODES, pairs, rotated } from "./comparison";
import { Settings } from "./Settings";
import { Difference, Over, SideBySide } from "./Stages";

const ANYWHERE = { width: 10_000, height: 10_000 };

/** The pictures in the view that was chosen, what chooses it, and what they were made with. */
export function ComparisonView({ search, images }: { search: CompareSearch; images: readonly FoundImage[] }) {
  const said = texts.work.compare;
  const navigate = useNavigate({ from: "/app/compare" });
  const [view, setView] = useState<View>(FIT);
  const [split, setSplit] = useState(50);
  const mode = search.view ?? "side";
  const [a, b] = search.pair ?? [0, 1];
  const first = images[a] ?? images[0];
  const second = images[b] ?? images[1];
  const two = mode !== "side" && images.length > 2;
  const change = (next: Partial<CompareSearch>) =>
    navigate({ search: (now) => ({ ...now, ...next }), replace: true, resetScroll: false });
  const swap = () => change(two ? { pair: [b, a] } : { ids: rotated(search.ids), pair: undefined });
  const show = (wanted: typeof mode) => change({ view: wanted === "side" ? undefined : wanted });
  useShortcut("m", said.keys.mode, () => show(MODES[(MODES.indexOf(mode) + 1) % MODES.length] ?? "side"));
  useShortcut("s", said.keys.swap, swap);
  useShortcut("0", said.keys.fit, () => setView(FIT));
  useShortcut("+", said.keys.larger, () => setView((now) => zoomed(now, STEP, ANYWHERE)));
  useShortcut("-", said.keys.smaller, () => setView((now) => zoomed(now, 1 / STEP, ANYWHERE)));
  if (!first || !second) return null;
  const stage = { view, onView: setView, first, second };
  const remove = (id: string) => change({ ids: search.ids.filter((one) => one !== id), pair: undefined });
  return (
    <div className="grid gap-6">
      <div className="flex flex-wrap items-center gap-2">
        <Segments
          label={said.mode}
          value={mode}
          onChange={show}
          choices={MODES.map((value) => ({ value, label: said.modes[value] }))}
        />
        {two && <Pair count={images.length} pair={[a, b]} onChange={(pair) => change({ pair })} />}
        <Button size="small" onClick={swap} title={`${said.swap} (S)`}>
          <ArrowLeftRight className="size-4" aria-hidden />
          {said.swap}
        </Button>
        <Button size="small" onClick={() => setView(FIT)} disabled={view.scale === 1} title={`${said.reset} (0)`}>
          <Maximize className="size-4" aria-hidden />
          {said.reset}
        </Button>
        <span className="text-xs text-soft max-lg:hidden">{said.hint}</span>
      </div>
      {mode === "side" && (
        <SideBySide view={view} onView={setView} images={images} onRemove={images.length > 2 ? remove : null} />
      )}
      {mode === "slider" && (
        <div className="grid gap-3">
          <Over {...stage} letters={[a, b]} split={split} />
          <Slider aria-label={said.slider} value={split} onChange={setSplit} min={0} max={100} shown={`${split} %`} />
        </div>
      )}
      {mode === "difference" && <Difference {...stage} />}
      <Settings images={images} />
    </div>
  );
}

interface PairProps {
  count: number;
  pair: [number, number];
  onChange: (pair: [number, number]) => void;
}

/** Which two of more are over each other. */
function Pair({ count, pair: [a, b], onChange }: PairProps) {
  const said = texts.work.compare;
  // A pair that was turned round stands in the list as it is.
  const listed = pairs(count).map(([x, y]) => (x === b && y === a ? [a, b] : [x, y]));
  return (
    <Select
      aria-label={said.pair}
      className="w-auto"
      value={`${a}-${b}`}
      onChange={(event) => {
        const [x = 0, y = 1] = event.currentTarget.value.split("-").map(Number);
        onChange([x, y]);
      }}
    >
      {listed.map(([x = 0, y = 1]) => (
        <option key={`${x}-${y}`} value={`${x}-${y}`}>
          {said.against(said.letters[x] ?? "", said.letters[y] ?? "")}
        </option>
      ))}
    </Select>
  );
}
