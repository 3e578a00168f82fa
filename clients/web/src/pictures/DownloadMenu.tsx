import type { FileLink } from "@openapi";
import { Download } from "lucide-react";
import { Popover } from "radix-ui";
import { type ReactNode, useState } from "react";
import type { Purpose } from "@/api/images";
import { asProblem, type Problem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { download } from "@/parts/download";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { FileCredentials } from "./FileCredentials";
import { bySize, fileName, forUse } from "./files";
import { LicenceDialog } from "./LicenceDialog";
import { UseChoice } from "./UseChoice";

/** What there is to be downloaded: a picture of a list or of a job. */
export interface Downloadable {
  asset_id?: string;
  files: readonly FileLink[];
  width: number;
  height: number;
}

interface DownloadMenuProps {
  image: Downloadable;
  /** What it is called on disk, such as its prompt. */
  words: string;
  trigger?: ReactNode;
}

interface Refused {
  problem: Problem;
  file: FileLink;
}

/** Each format and size of a picture, for a use; what its licences say against it is shown, and what lifts it. */
export function DownloadMenu({ image, words, trigger }: DownloadMenuProps) {
  const [open, setOpen] = useState(false);
  const [use, setUse] = useState<Purpose>("internal");
  const [refused, setRefused] = useState<Refused | null>(null);
  const [error, setError] = useState<unknown>(null);
  const said = texts.pictures.download;

  const save = async (file: FileLink) => {
    const name = fileName(words, image.asset_id ?? "", file.format, file.size);
    setError(null);
    try {
      await download(forUse(file.url, use), name);
      setOpen(false);
      setRefused(null);
      toast(said.saved(name));
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.code !== "licence_restricted") return setError(problem);
      setOpen(false);
      setRefused({ problem, file });
    }
  };

  return (
    <>
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger asChild>
          {trigger ?? (
            <Button size="icon" look="quiet" aria-label={said.action} title={said.action}>
              <Download className="size-4" aria-hidden />
            </Button>
          )}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            align="end"
            sideOffset={4}
            collisionPadding={8}
            aria-label={said.action}
            className="z-50 grid max-h-(--radix-popover-content-available-height) w-80 max-w-[calc(100vw-1rem)] gap-3 overflow-y-auto rounded-xl border border-line bg-sheet p-3 text-sm shadow-sheet"
            onClick={(event) => event.stopPropagation()}
          >
            <UseChoice use={use} onChange={setUse} />
            {bySize(image.files, image).map((size) => (
              <section key={`${size.width}x${size.height}${size.own}`} className="grid gap-1">
                <h3 className="text-xs text-soft">
                  {size.own ? said.ownSize(size.width, size.height) : said.size(size.width, size.height)}
                </h3>
                <div className="grid grid-cols-2 gap-1">
                  {size.files.map((file) => (
                    <FileButton key={file.format} file={file} onSave={() => save(file)} />
                  ))}
                </div>
              </section>
            ))}
            {image.files.length === 0 && <p className="text-soft">{said.none}</p>}
            <Refusal error={error} />
            <FileCredentials files={image.files} />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {refused && (
        <LicenceDialog
          problem={refused.problem}
          assetId={image.asset_id}
          use={use}
          onClose={() => setRefused(null)}
          onAcknowledged={() => save(refused.file)}
        />
      )}
    </>
  );
}

function FileButton({ file, onSave }: { file: FileLink; onSave: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  return (
    <Button
      size="small"
      className="justify-between"
      disabled={busy}
      aria-busy={busy}
      onClick={async () => {
        setBusy(true);
        await onSave();
        setBusy(false);
      }}
    >
      <span className="uppercase">{file.format}</span>
      <span className="text-xs font-normal text-soft">{texts.pictures.download.bytes(file.size_bytes)}</span>
    </Button>
  );
}
