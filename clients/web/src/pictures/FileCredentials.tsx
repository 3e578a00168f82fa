import type { FileLink, Verification } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { fetchBlob } from "@/api/client";
import { verifyFile } from "@/api/verification";
import { onThisOrigin } from "@/parts/source";
import { texts } from "@/texts";
import { viewable } from "./files";

const said = texts.credentials;

/** What the files of a picture say of themselves, as the studio reads one of them: only asked for once somebody is about to
 * take one. */
export function FileCredentials({ files }: { files: readonly FileLink[] }) {
  const file = viewable(files);
  const found = useQuery({
    queryKey: ["credentials", file?.url],
    queryFn: async ({ signal }) => {
      if (!file) return null;
      return verifyFile(await fetchBlob(onThisOrigin(file.url), signal), `picture.${file.format}`);
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (!file) return null;
  const vectors = files.some((one) => one.format === "svg" || one.format === "pdf");
  return (
    <p role="status" className="text-xs text-soft">
      {found.isPending && said.reading}
      {found.error && said.unread}
      {found.data && [...sentencesOf(found.data), ...(vectors ? [said.vectors] : [])].join(" ")}
    </p>
  );
}

function sentencesOf({ made, issuer, integrity, private: isPrivate }: Verification): string[] {
  const signed = issuer != null && integrity === "unchanged";
  const sentences = [signed ? said.signed(said.made[made]) : said.unsigned(said.made[made])];
  if (signed) sentences.push(issuer.trusted ? said.trusted(issuer.name) : said.untrusted);
  if (isPrivate) sentences.push(said.private);
  return sentences;
}
