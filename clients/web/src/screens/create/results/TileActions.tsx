import type { ImageBody, JobBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Download, Ellipsis, PenLine, Sparkles } from "lucide-react";
import { type ComponentProps, lazy, Suspense, useState } from "react";
import { modelsQuery } from "@/api/catalogue";
import { Button } from "@/parts/Button";
import { Menu } from "@/parts/Menu";
import { DownloadMenu } from "@/pictures/DownloadMenu";
import { Star } from "@/pictures/Star";
import { texts } from "@/texts";
import { useEdit } from "./editing";
import { idOf } from "./files";
import { MoreActions, type Opened } from "./MoreActions";

/** Loaded when one is opened: the first screen stays light. */
const MoreDialogs = lazy(() => import("./MoreDialogs").then((module) => ({ default: module.MoreDialogs })));

interface TileActionsProps {
  job: JobBody;
  image: ImageBody;
  /** Whether it is, or was, near what is looked at. */
  isSeen: boolean;
  onOrdered: (jobId: string) => void;
}

/** What can be done with one picture: the usual at hand, the rest in a menu. */
export function TileActions({ job, image, isSeen, onOrdered }: TileActionsProps) {
  const [opened, setOpened] = useState<Opened | null>(null);
  const models = useQuery(modelsQuery).data?.models ?? [];
  const edit = useEdit(models);
  const number = image.index + 1;
  const own = texts.jobs;
  return (
    <div className="-ml-1.5 flex items-center">
      {isSeen ? <Star assetId={idOf(job.job_id, image)} /> : <span className="size-8" />}
      <DownloadMenu
        image={image}
        words={job.prompt}
        trigger={
          <IconButton label={own.downloadOf(number)} title={own.download}>
            <Download className="size-4" aria-hidden />
          </IconButton>
        }
      />
      <IconButton label={own.like.of(number)} title={own.like.label} onClick={() => setOpened("like")}>
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
        <MoreActions job={job} image={image} onOpen={setOpened} />
      </Menu>
      {opened && (
        <Suspense>
          <MoreDialogs opened={opened} job={job} image={image} onClose={() => setOpened(null)} onOrdered={onOrdered} />
        </Suspense>
      )}
    </div>
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  label: string;
}

function IconButton({ label, ...rest }: IconButtonProps) {
  return <Button look="quiet" size="icon" aria-label={label} {...rest} />;
}
