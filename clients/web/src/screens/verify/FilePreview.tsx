import { FileQuestion } from "lucide-react";
import { useEffect, useState } from "react";
import { texts } from "@/texts";

/** The file itself, from this machine, as far as a browser shows it. A picture shows here as it does on any page: nothing in
 * it runs. */
export function FilePreview({ file }: { file: File }) {
  const url = useAddress(file);
  const [broken, setBroken] = useState<File | null>(null);
  const shown = url !== null && broken !== file && file.type !== "application/pdf";
  const name = texts.verification.file(file.name);
  return (
    <figure className="grid min-w-0 content-start gap-2">
      <div className="relative aspect-square max-w-60 overflow-hidden rounded-2xl bg-well">
        {shown ? (
          <img
            src={url}
            alt={name}
            className="checkered absolute inset-0 size-full object-contain"
            onError={() => setBroken(file)}
          />
        ) : (
          <span className="absolute inset-0 grid place-items-center text-soft" role="img" aria-label={name}>
            <FileQuestion className="size-8" aria-hidden />
          </span>
        )}
      </div>
      <figcaption className="text-[13px] break-words text-soft" dir="auto">
        {file.name}
      </figcaption>
    </figure>
  );
}

/** An address that only this tab knows, for as long as the file is shown. */
function useAddress(file: File): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address;
}
