import type { ImageBody, JobBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Copy, FileText, FolderPlus, GitFork, Link2, MessageSquareText, WandSparkles } from "lucide-react";
import type { ReactNode } from "react";
import { assetTypesQuery } from "@/api/catalogue";
import { Dialog } from "@/parts/Dialog";
import { MenuItem, MenuSeparator } from "@/parts/Menu";
import { CollectionChooser } from "@/pictures/CollectionChooser";
import { copy } from "@/pictures/clipboard";
import { Lineage } from "@/pictures/Lineage";
import { RecipeDrawer } from "@/pictures/RecipeDrawer";
import { ShareDialog } from "@/pictures/ShareDialog";
import { texts } from "@/texts";
import { fillForm } from "../form";
import { toForm } from "./editing";
import { idOf, toLookAt } from "./files";
import { GoOnDialog } from "./GoOnDialog";

/** What is open over the page for one picture. */
export type Opened = "like" | "tweak" | "finish" | "collect" | "share" | "recipe" | "lineage";

interface MoreActionsProps {
  job: JobBody;
  image: ImageBody;
  onOpen: (what: Opened) => void;
}

/** The entries of a picture's menu. */
export function MoreActions({ job, image, onOpen }: MoreActionsProps) {
  const qualities = useQuery(assetTypesQuery).data?.qualities ?? [];
  const isBest = qualities.at(-1)?.id === job.quality;
  const own = texts.jobs;
  const entry = (what: Opened, icon: ReactNode, label: string) => (
    <MenuItem onSelect={() => onOpen(what)}>
      <span className="text-soft [&_svg]:size-4">{icon}</span>
      {label}
    </MenuItem>
  );
  return (
    <>
      {entry("tweak", <MessageSquareText aria-hidden />, own.tweak.label)}
      {!isBest && entry("finish", <WandSparkles aria-hidden />, own.finish.label)}
      <MenuSeparator />
      {entry("collect", <FolderPlus aria-hidden />, own.collect)}
      {entry("share", <Link2 aria-hidden />, own.share)}
      {entry("recipe", <FileText aria-hidden />, own.recipe)}
      {entry("lineage", <GitFork aria-hidden />, own.lineage)}
      <MenuSeparator />
      <MenuItem onSelect={() => copy(String(image.seed), own.seedCopied(image.seed))}>
        <Copy className="size-4 text-soft" aria-hidden />
        {own.seed(image.seed)}
      </MenuItem>
    </>
  );
}

interface MoreDialogsProps {
  opened: Opened;
  job: JobBody;
  image: ImageBody;
  onClose: () => void;
  onOrdered: (jobId: string) => void;
}

/** The dialog of what was chosen. */
export function MoreDialogs({ opened, job, image, onClose, onOrdered }: MoreDialogsProps) {
  const navigate = useNavigate();
  const id = idOf(job.job_id, image);
  if (opened === "collect") return <CollectionChooser assetIds={[id]} open onClose={onClose} />;
  if (opened === "share") return <ShareDialog what={{ kind: "image", id }} open onClose={onClose} />;
  if (opened === "lineage") {
    return (
      <Dialog open onClose={onClose} title={texts.jobs.lineage} shape="side">
        <Lineage assetId={id} url={toLookAt(image) ?? image.url} />
      </Dialog>
    );
  }
  if (opened === "recipe") {
    const use = (request: Record<string, unknown>) => {
      fillForm(request);
      onClose();
      navigate({ to: "/" }).then(toForm);
    };
    return <RecipeDrawer assetId={id} open onClose={onClose} onUse={use} />;
  }
  return <GoOnDialog kind={opened} job={job} image={image} onClose={onClose} onOrdered={onOrdered} />;
}
