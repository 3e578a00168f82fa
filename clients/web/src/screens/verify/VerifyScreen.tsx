import { useMutation, useQuery } from "@tanstack/react-query";
import { FileSearch } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { assetTypesQuery } from "@/api/catalogue";
import { verifyFile } from "@/api/verification";
import { announce } from "@/live/announcements";
import { Drop } from "@/parts/Drop";
import { useDropped } from "@/parts/dropped";
import { Page } from "@/parts/Page";
import { Refusal, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { Verdict } from "./Verdict";
import { headlineOf } from "./words";

const said = texts.verification;
const FORMATS = "image/png,image/jpeg,image/webp,image/avif,image/svg+xml,application/pdf";

/** Any file, of whomever it is, and what the studio finds of it. */
export function VerifyScreen() {
  const mostBytes = useQuery(assetTypesQuery).data?.limits.max_picture_bytes;
  const [refused, setRefused] = useState<string | null>(null);
  const result = useRef<HTMLDivElement>(null);
  const looking = useMutation({
    mutationFn: (file: File) => verifyFile(file, file.name),
    onSuccess: (found) => announce(said.done(headlineOf(found))),
  });
  const look = ([file]: readonly File[]) => {
    if (!file) return;
    const tooLarge = mostBytes !== undefined && file.size > mostBytes;
    setRefused(tooLarge ? said.tooLarge(file.name, file.size, mostBytes) : null);
    if (tooLarge) looking.reset();
    else looking.mutate(file);
  };
  const isOver = useDropped((what) => look([...what.files]));
  const { data: found, variables: file } = looking;
  const foreign = found && found.format === null && file ? said.noPicture(file.name) : null;
  const verdict = found && found.format !== null ? found : null;
  useEffect(() => {
    if (verdict) result.current?.focus();
  }, [verdict]);
  return (
    <Page title={said.title} lead={said.lead}>
      <div className="grid gap-6">
        <div className="grid gap-2">
          <Drop
            icon={<FileSearch aria-hidden />}
            label={said.choose}
            hint={said.chooseHint}
            accept={FORMATS}
            over={isOver}
            onFiles={look}
          />
          {(refused || foreign) && (
            <p role="alert" className="rounded-lg bg-bad-wash px-3 py-2 text-[13px] break-words text-bad">
              {refused ?? foreign}
            </p>
          )}
          <Refusal error={looking.error} onRetry={() => file && looking.mutate(file)} />
        </div>
        {looking.isPending && file && <Looking name={file.name} />}
        {verdict && file && <Verdict ref={result} found={verdict} file={file} />}
      </div>
    </Page>
  );
}

function Looking({ name }: { name: string }) {
  return (
    <div role="status" className="grid gap-3">
      <p className="break-words text-soft">{said.looking(name)}</p>
      <Skeleton className="h-40" />
    </div>
  );
}
