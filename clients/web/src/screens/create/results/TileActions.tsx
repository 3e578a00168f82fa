import type { ImageBody, JobBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Copy, Download, Ellipsis, PenLine, Sparkles, Wand } from "lucide-react";
import { type ReactNode, useState } from "react";
import { modelsQuery } from "@/api/catalogue";
import { asProblem } from "@/api/problem";
import { announce } from "@/live/announcements";
import { Button } from "@/parts/Button";
import { download } from "@/parts/download";
import { Menu, MenuItem, MenuSeparator } from "@/parts/Menu";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { useEdit } from "./editing";
import { fileNameOf, nameOf, toSave, weight } from "./files";
import { GoOnDialog, type GoOnKind } from "./GoOnDialog";

interface TileActionsProps {
  job: JobBody;
  image: ImageBody;
  onOrdered: (jobId: string) => void;
}

/** What can be done with one picture. */
export function TileActions({ job, image, onOrdered }: TileActionsProps) {
  const [going, setGoing] = useState<GoOnKind | null>(null);
  const models = useQuery(modelsQuery).data?.models ?? [];
  const edit = useEdit(models);
  const number = image.index + 1;
  const own = texts.jobs;
  return (
    <div className="flex items-center gap-0.5">
      <Menu
        align="start"
        trigger={
          <IconButton
            label={`${own.download}: ${own.picture(job.prompt, number, job.images_total)}`}
            title={own.download}
          >
            <Download className="size-4" aria-hidden />
          </IconButton>
        }
      >
        {image.files.map((file) => (
          <MenuItem key={file.url} onSelect={() => save(toSave(file), fileNameOf(job.prompt, image, file))}>
            <span className="flex-1">{nameOf(file)}</span>
            <span className="text-xs text-soft tabular-nums">{weight(file.size_bytes)}</span>
          </MenuItem>
        ))}
      </Menu>
      <IconButton label={own.like.of(number)} title={own.like.label} onClick={() => setGoing("like")}>
        <Sparkles className="size-4" aria-hidden />
      </IconButton>
      {edit && (
        <IconButton label={own.editOf(number)} title={own.edit} onClick={() => edit(job, image)}>
          <PenLine className="size-4" aria-hidden />
        </IconButton>
      )}
      <span className="flex-1" />
      <Menu
        trigger={
          <IconButton label={own.actions(number)} title={texts.shell.more}>
            <Ellipsis className="size-4" aria-hidden />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => setGoing("tweak")}>
          <PenLine className="size-4 text-soft" aria-hidden />
          {own.tweak.label}
        </MenuItem>
        <MenuItem onSelect={() => setGoing("finish")}>
          <Wand className="size-4 text-soft" aria-hidden />
          {own.finish.label}
        </MenuItem>
        <MenuSeparator />
        <MenuItem onSelect={() => copySeed(image.seed)}>
          <Copy className="size-4 text-soft" aria-hidden />
          {own.seed(image.seed)}
        </MenuItem>
      </Menu>
      {going && (
        <GoOnDialog kind={going} job={job} image={image} onClose={() => setGoing(null)} onOrdered={onOrdered} />
      )}
    </div>
  );
}

interface IconButtonProps {
  label: string;
  title: string;
  onClick?: () => void;
  children: ReactNode;
}

function IconButton({ label, title, children, ...rest }: IconButtonProps) {
  return (
    <Button look="quiet" size="icon" aria-label={label} title={title} {...rest}>
      {children}
    </Button>
  );
}

async function save(url: string, name: string): Promise<void> {
  try {
    await download(url, name);
  } catch (error) {
    toast(asProblem(error).message, { tone: "bad" });
  }
}

async function copySeed(seed: number): Promise<void> {
  try {
    await navigator.clipboard.writeText(String(seed));
    toast(texts.jobs.seedCopied(seed));
  } catch {
    announce(texts.jobs.noCopy);
  }
}
