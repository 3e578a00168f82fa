import type { ImageBody, JobBody } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Copy, FileText, FolderPlus, GitFork, Link2, MessageSquareText, WandSparkles } from "lucide-react";
import type { ReactNode } from "react";
import { assetTypesQuery } from "@/api/catalogue";
import { MenuItem, MenuSeparator } from "@/parts/Menu";
import { copy } from "@/pictures/clipboard";
import { texts } from "@/texts";

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
