import type { DatasetBody } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { FileArchive, ImagePlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { assetTypesQuery } from "@/api/catalogue";
import { sendZip, type ZipWish } from "@/api/datasets";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { Drop } from "@/parts/Drop";
import { Field, Group, Input, Select } from "@/parts/Field";
import { Progress } from "@/parts/Progress";
import { Segments } from "@/parts/Segments";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { idFrom } from "@/screens/makers/form/fileName";
import { texts } from "@/texts";
import { TrainingPage } from "../TrainingPage";
import { BroughtPictures } from "./Brought";
import { type Brought, joined, pair } from "./intake";
import { RightFields } from "./RightFields";
import { bringPictures, makeDataset } from "./sending";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** Pictures of the studio that a new dataset is to begin with. */
    pictures?: readonly string[];
  }
}

const said = texts.datasets.make;
const PICTURES = "image/png,image/jpeg,image/webp,image/gif,image/avif,.txt,.caption";
const EMPTY: ZipWish = { id: "", name: "", asset_type: "", trigger: "", right: "own", source: "" };

/** Pictures become a dataset: dropped, in a zip file, or picked from what the studio has. */
export function NewDatasetScreen() {
  const picked = useRouterState({ select: ({ location }) => location.state.pictures }) ?? [];
  const [from, setFrom] = useState<"pictures" | "zip">("pictures");
  const [brought, setBrought] = useState<readonly Brought[]>([]);
  const [zip, setZip] = useState<File | null>(null);
  const [wish, setWish] = useState(EMPTY);
  const [ownId, setOwnId] = useState(false);
  const [tried, setTried] = useState(false);
  const making = useMaking();
  const change = (part: Partial<ZipWish>) => setWish((now) => ({ ...now, ...part }));
  const named = (name: string) => change(ownId ? { name } : { name, id: idFrom(name) });
  const types = useQuery(assetTypesQuery).data?.asset_types ?? [];
  const problem = making.error ? asProblem(making.error) : null;
  const at = (field: string) => (problem?.field === field ? problem.message : null);
  const there = from === "zip" ? zip !== null : brought.length + picked.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!there || making.isPending) return;
    making.mutate({ wish, brought, picked: from === "zip" ? [] : picked, zip: from === "zip" ? zip : null });
  };
  const captions = brought.filter((one) => one.caption).length;
  return (
    <TrainingPage of="datasets" title={said.title} lead={said.lead}>
      <form
        onSubmit={submit}
        className="grid items-start gap-x-10 gap-y-6 md:grid-cols-[minmax(0,1fr)_20rem]"
        aria-label={said.title}
      >
        <div className="grid content-start gap-4">
          <Group label={said.from} className="max-w-sm">
            <Segments
              label={said.from}
              value={from}
              onChange={setFrom}
              choices={[
                { value: "pictures", label: said.pictures },
                { value: "zip", label: said.zip },
              ]}
            />
          </Group>
          {from === "pictures" ? (
            <Drop
              icon={<ImagePlus aria-hidden />}
              label={said.drop}
              hint={said.dropHint}
              accept={PICTURES}
              several
              onFiles={async (files) => {
                const more = await pair(files);
                setBrought((known) => joined(known, more));
              }}
            />
          ) : (
            <Drop
              icon={<FileArchive aria-hidden />}
              label={zip?.name ?? said.dropZip}
              hint={said.dropZipHint}
              accept=".zip,application/zip"
              onFiles={([file]) => {
                if (!file) return;
                setZip(file);
                if (wish.name === "") named(file.name.replace(/\.zip$/i, ""));
              }}
            />
          )}
          {tried && !there && (
            <p role="alert" className="text-[13px] text-bad">
              {said.none}
            </p>
          )}
          {from === "pictures" && (
            <>
              {picked.length > 0 && <p className="text-[13px]">{said.ofStudio(picked.length)}</p>}
              {brought.length > 0 && (
                <p role="status" className="text-[13px] text-soft">
                  {said.chosen(brought.length, captions)}
                </p>
              )}
              <BroughtPictures
                brought={brought}
                onRemove={(one) => setBrought((known) => known.filter((other) => other !== one))}
              />
            </>
          )}
        </div>
        <div className="grid gap-5 rounded-2xl border border-line bg-sheet p-5">
          <Field label={said.name} error={at("name")}>
            {(given) => (
              <Input
                {...given}
                dir="auto"
                maxLength={200}
                value={wish.name}
                onChange={(event) => named(event.currentTarget.value)}
              />
            )}
          </Field>
          <Field label={said.id} hint={said.idHint} error={at("id")}>
            {(given) => (
              <Input
                {...given}
                required
                className="font-mono"
                maxLength={64}
                pattern="[a-z0-9][a-z0-9._\-]*"
                value={wish.id}
                onChange={(event) => {
                  setOwnId(true);
                  change({ id: event.currentTarget.value });
                }}
              />
            )}
          </Field>
          <Field label={said.type} error={at("asset_type")}>
            {(given) => (
              <Select
                {...given}
                value={wish.asset_type}
                onChange={(event) => change({ asset_type: event.currentTarget.value })}
              >
                <option value="">{texts.datasets.noType}</option>
                {types.map((type) => (
                  <option key={type.id} value={type.id}>
                    {type.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={said.trigger} hint={said.triggerHint} error={at("trigger")}>
            {(given) => (
              <Input
                {...given}
                dir="auto"
                maxLength={100}
                value={wish.trigger}
                onChange={(event) => change({ trigger: event.currentTarget.value })}
              />
            )}
          </Field>
          <RightFields right={wish.right} source={wish.source} error={at("right")} onChange={change} />
          {problem && <Refusal error={problem} />}
          {making.isPending && <Sending words={making.words} share={making.share} />}
          <Button type="submit" look="primary" size="large" disabled={making.isPending}>
            {said.submit}
          </Button>
        </div>
      </form>
    </TrainingPage>
  );
}

function Sending({ words, share }: { words: string; share: number }) {
  return (
    <div className="grid gap-2">
      <p role="status" className="text-[13px] text-soft">
        {words}
      </p>
      <Progress value={share} label={words} />
    </div>
  );
}

interface Making {
  wish: ZipWish;
  brought: readonly Brought[];
  picked: readonly string[];
  zip: File | null;
}

function useMaking() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [sent, setSent] = useState({ words: "", share: 0 });
  const make = async ({ wish, brought, picked, zip }: Making): Promise<DatasetBody> => {
    if (zip) {
      return sendZip(zip, wish, (share) =>
        setSent({ share, words: share < 1 ? said.sendingZip(Math.round(share * 100)) : said.taking }),
      );
    }
    const tell = (done: number) =>
      setSent({ words: said.sending(done, brought.length), share: done / Math.max(1, brought.length) });
    tell(0);
    const picks = await bringPictures(brought, tell);
    setSent({ words: said.taking, share: 1 });
    return makeDataset(wish, [...picked.map((picture) => ({ picture })), ...picks]);
  };
  const making = useMutation({
    mutationFn: make,
    onSuccess: (dataset) => {
      client.invalidateQueries({ queryKey: ["datasets"] });
      toast(said.made(dataset.name));
      if (dataset.left_out.length > 0) {
        const [first] = dataset.left_out;
        toast(`${texts.datasets.leftOut(dataset.left_out.length)}: ${first?.file}: ${first?.reason}`, { tone: "bad" });
      }
      navigate({ to: "/app/training/datasets/$datasetId", params: { datasetId: dataset.id } });
    },
  });
  return { ...making, ...sent };
}
