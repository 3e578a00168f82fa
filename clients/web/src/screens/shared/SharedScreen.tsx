import type { SharedBody, SharedFile, SharedImage } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Download, Unlink } from "lucide-react";
import { sharedQuery } from "@/api/collections";
import { asProblem } from "@/api/problem";
import { at } from "@/api/root";
import { buttonLook } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { Moment } from "@/parts/dates";
import { useTitle } from "@/parts/Page";
import { onThisOrigin } from "@/parts/source";
import { Empty, Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";

/** What a link shows to whoever has it: pictures, what is said of them, and nothing of the studio behind. */
export function SharedScreen({ token }: { token: string }) {
  const said = texts.collections.sharedPage;
  const shared = useQuery(sharedQuery(token));
  const title = shared.data?.name || said.picture;
  useTitle(title);
  return (
    <div className="mx-auto flex min-h-dvh max-w-[1400px] flex-col px-4 py-6 md:px-10 md:py-10">
      <header className="mb-8 flex items-center gap-2.5 text-[13px] text-soft">
        <img src={at("mark.svg")} alt="" width={22} height={22} />
        {said.brand}
      </header>
      <main className="flex-1">
        <h1
          className={classes(
            "font-serif text-3xl font-semibold break-words",
            shared.error && !shared.data && "sr-only",
          )}
          dir="auto"
        >
          {title}
        </h1>
        {shared.isPending && (
          <Loading>
            <div className="mt-8 grid gap-6 sm:grid-cols-2 lg:grid-cols-3">
              <Skeleton className="aspect-square" />
              <Skeleton className="aspect-square" />
              <Skeleton className="aspect-square" />
            </div>
          </Loading>
        )}
        {shared.error && !shared.data && <Gone error={shared.error} onRetry={() => shared.refetch()} />}
        {shared.data && <Pictures shared={shared.data} />}
      </main>
      {shared.data && (
        <footer className="mt-14 flex flex-wrap justify-between gap-x-6 gap-y-1 border-t border-line pt-4 text-xs text-soft">
          <span>{said.sign}</span>
          <span>
            {said.until} <Moment at={shared.data.expires_at} />
          </span>
        </footer>
      )}
    </div>
  );
}

function Gone({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const said = texts.collections.sharedPage;
  const problem = asProblem(error);
  const told = problem.status === 410 ? said.expired : problem.status === 404 ? said.unknown : null;
  return (
    <div className="mx-auto mt-16 max-w-xl">
      {told ? (
        <Empty icon={<Unlink aria-hidden />} title={told.title}>
          {told.lead}
        </Empty>
      ) : (
        <Failed error={error} onRetry={onRetry} />
      )}
    </div>
  );
}

function Pictures({ shared }: { shared: SharedBody }) {
  const said = texts.collections.sharedPage;
  return (
    <>
      {shared.notes && (
        <p className="mt-2 max-w-2xl text-[15px] whitespace-pre-wrap text-soft" dir="auto">
          {shared.notes}
        </p>
      )}
      {shared.images.length === 0 && <p className="mt-10 text-soft">{said.empty}</p>}
      <ul
        className={
          shared.images.length === 1 ? "mt-8 max-w-4xl" : "mt-8 grid gap-x-6 gap-y-9 sm:grid-cols-2 lg:grid-cols-3"
        }
      >
        {shared.images.map((image, place) => (
          <Shown key={image.files[0]?.url ?? place} image={image} place={place + 1} />
        ))}
      </ul>
    </>
  );
}

/** The lightest file that browsers show. */
function viewable(files: readonly SharedFile[]): SharedFile | undefined {
  const shown = files.filter((file) => /webp|avif|png|jpeg/.test(file.media_type));
  return shown.toSorted((a, b) => a.size_bytes - b.size_bytes)[0];
}

function Shown({ image, place }: { image: SharedImage; place: number }) {
  const said = texts.collections.sharedPage;
  const file = viewable(image.files);
  const best = image.files.find((one) => one.media_type === "image/png") ?? file;
  const words = image.note || said.number(place);
  if (!file || !best) return null;
  return (
    <li className="grid content-start gap-2.5">
      <a href={onThisOrigin(file.url)} target="_blank" rel="noreferrer" title={said.open}>
        <img
          src={onThisOrigin(file.url)}
          alt={words}
          width={image.width}
          height={image.height}
          loading={place > 6 ? "lazy" : "eager"}
          className="checkered h-auto w-full rounded-xl bg-well"
        />
      </a>
      <div className="flex items-start justify-between gap-3">
        <p className="min-w-0 pt-1 break-words" dir="auto">
          {image.note}
        </p>
        <a
          href={onThisOrigin(best.url)}
          download
          aria-label={`${said.download}: ${words}`}
          className={buttonLook({ look: "quiet", size: "small" })}
        >
          <Download className="size-4" aria-hidden />
          {said.download}
        </a>
      </div>
    </li>
  );
}
