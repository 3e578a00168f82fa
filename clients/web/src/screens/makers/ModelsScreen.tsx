import type { LicencePartBody, ModelBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { modelsQuery } from "@/api/catalogue";
import { Badge } from "@/parts/Badge";
import { LicenceBadge } from "@/parts/LicenceBadge";
import { Page } from "@/parts/Page";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { Fact, Facts } from "./content/Facts";

/** What pictures are drawn with here, and what they may be used for. */
export function ModelsScreen() {
  const models = useQuery(modelsQuery);
  return (
    <Page title={texts.makers.models.title} lead={texts.makers.models.lead}>
      {models.isPending && (
        <Loading>
          <Skeleton className="h-72" />
        </Loading>
      )}
      {models.error && <Failed error={models.error} onRetry={() => models.refetch()} />}
      <div className="grid gap-5">
        {models.data?.models.map((model) => (
          <Model key={model.id} of={model} />
        ))}
      </div>
    </Page>
  );
}

function Model({ of }: { of: ModelBody }) {
  const said = texts.makers.model;
  return (
    <article aria-label={of.name} className="grid gap-5 rounded-2xl border border-line bg-sheet p-6">
      <header className="grid gap-1.5">
        <div className="flex flex-wrap items-center gap-2.5">
          <h2 className="text-base font-semibold">{of.name}</h2>
          {of.default && <Badge tone="accent">{said.usual}</Badge>}
          <LicenceBadge licence={of.licence} />
        </div>
        <p className="text-soft">{of.description}</p>
        <p className="text-[13px] text-soft">
          <code>{of.id}</code> · {of.family} · {of.variant}
          {of.vram_gb != null && ` · ${said.vram(of.vram_gb.toLocaleString("en"))}`}
        </p>
        <p className="text-[13px]">{of.licence.notice.sentence}</p>
      </header>
      <Facts>
        <Fact label={said.can}>{abilitiesOf(of).join(", ")}</Fact>
        <Fact label={said.sizes}>{of.native_sizes.join(", ")}</Fact>
        <Fact label={said.steps}>
          {Object.entries(of.steps)
            .map(([quality, steps]) => `${quality} ${steps}`)
            .join(", ")}
        </Fact>
        <Fact label={said.parts}>
          <Parts parts={of.licence_parts} />
        </Fact>
      </Facts>
    </article>
  );
}

function abilitiesOf({ capabilities: can }: ModelBody): string[] {
  const said = texts.makers.model;
  return [
    ...can.modes.map((mode) => said.modes[mode]),
    can.lora && said.lora,
    can.image_prompt && said.imagePrompt,
    can.negative_prompt && said.negative,
    can.controls.length > 0 && said.controls(can.controls.join(", ")),
    can.references > 0 && said.references(can.references),
  ].filter((one): one is string => typeof one === "string");
}

function Parts({ parts }: { parts: readonly LicencePartBody[] }) {
  const said = texts.makers.model;
  return (
    <ul className="grid gap-1">
      {parts.map((part) => (
        <li key={part.part} className="flex flex-wrap gap-x-2">
          <span>{part.part}</span>
          <span className="text-soft">
            {part.licence}
            {part.read_on && ` · ${said.read.toLowerCase()} ${part.read_on}`}
            {part.source?.startsWith("https://") && (
              <>
                {" · "}
                <a href={part.source} target="_blank" rel="noreferrer" className="underline underline-offset-2">
                  {said.source}
                </a>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
