import type { FoundImage, LicenceBody } from "@openapi";
import { Link } from "@tanstack/react-router";
import { Pencil } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "@/parts/Button";
import { Moment } from "@/parts/dates";
import { Facts, Part } from "@/parts/Facts";
import { LicenceBadge } from "@/parts/LicenceBadge";
import { Lineage } from "@/pictures/Lineage";
import { Named } from "@/session/Named";
import { texts } from "@/texts";
import { TagDialog } from "./TagDialog";

/** What is known of a picture, the most asked first. */
export function PictureFacts({ image }: { image: FoundImage }) {
  const said = texts.work.picture;
  return (
    <div className="mt-6 grid gap-6">
      {image.licence && <Licence licence={image.licence} />}
      <Tags image={image} />
      <Part title={said.details}>
        <Details image={image} />
      </Part>
      {image.colours.length > 0 && (
        <Part title={said.colours}>
          <div className="flex flex-wrap gap-1.5">
            {image.colours.map((colour) => (
              <Link
                key={colour}
                to="/app/work"
                search={{ colour: colour.slice(1) }}
                aria-label={said.similar(colour)}
                title={said.similar(colour)}
                className="size-7 rounded-full border border-edge"
                style={{ backgroundColor: colour }}
              />
            ))}
          </div>
        </Part>
      )}
      {Object.keys(image.scores).length > 0 && (
        <Part title={said.scores}>
          <Facts
            facts={Object.entries(image.scores).map(([name, value]) => [name.replaceAll("_", " "), score(value)])}
          />
        </Part>
      )}
      {image.notes.length > 0 && (
        <Part title={said.notes}>
          <ul className="grid gap-1 text-[13px]">
            {image.notes.map((note) => (
              <li key={note} dir="auto">
                {note}
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Part title={texts.pictures.lineage.title}>
        <Lineage assetId={image.asset_id} url={image.url} />
      </Part>
    </div>
  );
}

const score = (value: unknown) => (typeof value === "number" ? value.toFixed(value <= 1 ? 2 : 1) : String(value));

function Details({ image }: { image: FoundImage }) {
  const said = texts.work.picture.facts;
  const facts: [string, ReactNode][] = [
    [said.made, <Moment key="made" at={image.created_at} />],
    [said.size, `${image.width} × ${image.height}`],
  ];
  if (image.asset_type) facts.push([said.asset_type, image.asset_type.replaceAll("_", " ")]);
  if (image.quality) facts.push([said.quality, image.quality]);
  if (image.model) facts.push([said.model, image.model]);
  if (image.loras.length > 0) facts.push([said.loras, image.loras.join(", ")]);
  if (image.seed !== null && image.seed !== undefined) facts.push([said.seed, String(image.seed)]);
  if (image.owner) facts.push([said.owner, <Named key="owner" id={image.owner} />]);
  if (image.space) facts.push([said.space, image.space]);
  return <Facts facts={facts} />;
}

function Licence({ licence }: { licence: LicenceBody }) {
  const said = texts.work.picture;
  const { licences } = texts;
  const words = (verdict: LicenceBody["product"]) => licences[verdict];
  return (
    <Part title={said.licence} action={<LicenceBadge licence={licence} />}>
      <p className="text-[13px]">{licence.notice.sentence}</p>
      <Facts
        facts={(["reference", "internal", "product"] as const).map((purpose) => [
          licences.purposes[purpose],
          words(licence[purpose]),
        ])}
      />
      {licence.parts && licence.parts.length > 0 && (
        <details className="text-[13px]">
          <summary className="text-soft hover:text-ink">{said.licenceParts}</summary>
          <ul className="mt-2 grid gap-1.5">
            {licence.parts.map((part) => (
              <li key={`${part.component}/${part.part}`} className="rounded-lg bg-well px-3 py-2">
                <span className="font-medium">{part.component}</span>, {part.part}: {part.licence}
              </li>
            ))}
          </ul>
        </details>
      )}
      {licence.accepted && <p className="text-xs text-soft">{said.accepted}</p>}
    </Part>
  );
}

function Tags({ image }: { image: FoundImage }) {
  const said = texts.work;
  const [editing, setEditing] = useState(false);
  return (
    <Part
      title={said.picture.tags}
      action={
        <Button size="icon" look="quiet" aria-label={said.tags.title(1)} onClick={() => setEditing(true)}>
          <Pencil className="size-3.5" aria-hidden />
        </Button>
      }
    >
      <div className="flex flex-wrap gap-1.5">
        {image.tags.length === 0 && <span className="text-[13px] text-soft">{said.tags.none}</span>}
        {image.tags.map((tag) => (
          <Link
            key={tag}
            to="/app/work"
            search={{ tag: [tag] }}
            className="inline-flex min-h-6 max-w-full items-center rounded-full bg-well px-2.5 text-[13px] hover:text-accent"
          >
            <span className="truncate" dir="auto">
              {tag}
            </span>
          </Link>
        ))}
      </div>
      {editing && <TagDialog images={[image]} onClose={() => setEditing(false)} />}
    </Part>
  );
}
