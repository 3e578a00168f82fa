import type { VersionBody } from "@openapi";
import { Link } from "@tanstack/react-router";
import { MoreHorizontal } from "lucide-react";
import { useState } from "react";
import type { Mark } from "@/api/library";
import { Button } from "@/parts/Button";
import { Moment } from "@/parts/dates";
import { Menu, MenuItem } from "@/parts/Menu";
import { Named } from "@/session/Named";
import { texts } from "@/texts";
import type { ViewProps } from "./EntryScreen";
import { MarkBadge } from "./Marks";
import { MoveMark } from "./MoveMark";
import { compareVersions } from "./semver";

interface Moving {
  mark: Mark;
  /** Null: take the mark away. */
  version: string | null;
}

/** All versions, the newest first, and which of them is in use. */
export function Versions({ kind, id, name, versions, mayChange }: ViewProps) {
  const [moving, setMoving] = useState<Moving | null>(null);
  const live = versions.find((one) => one.marks?.includes("live"))?.version;
  return (
    <>
      <ul className="divide-y divide-line">
        {versions.map((one) => (
          <li key={one.version} className="flex items-start gap-4 py-3 first:pt-0">
            <Link
              to="/app/library/$kind/$entryId"
              params={{ kind, entryId: id }}
              search={{ version: one.version }}
              className="min-w-16 font-semibold tabular-nums hover:underline"
            >
              {one.version}
            </Link>
            <div className="grid min-w-0 flex-1 gap-1">
              <p className="flex flex-wrap items-center gap-2 text-[13px] text-soft">
                {one.marks?.map((mark) => (
                  <MarkBadge key={mark} mark={mark} />
                ))}
                <span>
                  <Moment at={one.created_at} /> {texts.makers.by} <Named id={one.author} />
                </span>
              </p>
              {one.notes && (
                <p className="break-words" dir="auto">
                  {one.notes}
                </p>
              )}
            </div>
            {mayChange && <Moves of={one} live={live} onMove={setMoving} />}
          </li>
        ))}
      </ul>
      {moving && <MoveMark kind={kind} id={id} name={name} {...moving} onClose={() => setMoving(null)} />}
    </>
  );
}

interface MovesProps {
  of: VersionBody;
  live: string | undefined;
  onMove: (moving: Moving) => void;
}

function Moves({ of, live, onMove }: MovesProps) {
  const said = texts.makers.move;
  const isBack = live !== undefined && compareVersions(of.version, live) < 0;
  const has = (mark: Mark) => of.marks?.includes(mark) ?? false;
  return (
    <Menu
      trigger={
        <Button look="quiet" size="icon" aria-label={`${texts.makers.actions}: ${of.version}`}>
          <MoreHorizontal className="size-4" aria-hidden />
        </Button>
      }
    >
      {!has("live") && (
        <MenuItem onSelect={() => onMove({ mark: "live", version: of.version })}>
          {isBack ? said.back : said.toLive}
        </MenuItem>
      )}
      {!has("candidate") && !has("live") && (
        <MenuItem onSelect={() => onMove({ mark: "candidate", version: of.version })}>{said.toCandidate}</MenuItem>
      )}
      {has("candidate") && (
        <MenuItem onSelect={() => onMove({ mark: "candidate", version: null })}>{said.takeCandidate}</MenuItem>
      )}
      {has("live") && (
        <MenuItem danger onSelect={() => onMove({ mark: "live", version: null })}>
          {said.takeLive}
        </MenuItem>
      )}
    </Menu>
  );
}
