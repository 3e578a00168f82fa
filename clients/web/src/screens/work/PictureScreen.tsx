import type { FoundImage } from "@openapi";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ArrowLeft, ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { imageQuery } from "@/api/images";
import { Button, buttonLook } from "@/parts/Button";
import { useTitle } from "@/parts/Page";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { Large } from "@/pictures/Large";
import { neighboursOf } from "@/pictures/order";
import { FIT } from "@/pictures/view";
import { Zoomable } from "@/pictures/Zoomable";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { PictureActions } from "./PictureActions";
import { PictureFacts } from "./PictureFacts";
import { ZoomButtons } from "./ZoomButtons";

/** One picture, large, with everything that is known of it and can be done with it. */
export function PictureScreen() {
  const { assetId } = useParams({ from: "/studio/app/images/$assetId" });
  const image = useQuery(imageQuery(assetId));
  useTitle(image.data ? texts.pictures.picture(image.data.prompt).slice(0, 80) : texts.work.picture.title);
  return (
    <div className="mx-auto w-full max-w-[1600px] px-4 py-4 md:px-8">
      <Way assetId={assetId} />
      {!image.data && <h1 className="sr-only">{texts.work.picture.title}</h1>}
      {image.isPending && (
        <Loading>
          <div className="grid gap-8 lg:grid-cols-[minmax(0,1fr)_22rem]">
            <Skeleton className="h-[70vh]" />
            <Skeleton className="h-96" />
          </div>
        </Loading>
      )}
      {image.error && <Failed error={image.error} onRetry={() => image.refetch()} />}
      {image.data && <Whole key={assetId} image={image.data} />}
    </div>
  );
}

/** Back to the list, and on to the pictures beside this one in it. */
function Way({ assetId }: { assetId: string }) {
  const said = texts.work.picture;
  const navigate = useNavigate();
  const { before, after, place, of } = neighboursOf(assetId);
  const go = (id: string | null) =>
    id && navigate({ to: "/app/images/$assetId", params: { assetId: id }, replace: true, resetScroll: false });
  useShortcut("ArrowLeft", texts.work.keys.previous, () => go(before), { off: !before });
  useShortcut("ArrowRight", texts.work.keys.next, () => go(after), { off: !after });
  return (
    <nav aria-label={said.title} className="mb-3 flex min-h-9 items-center gap-1">
      {of > 0 ? (
        <Button look="quiet" size="small" onClick={() => history.back()}>
          <ArrowLeft className="size-4" aria-hidden />
          {said.back}
        </Button>
      ) : (
        <Link to="/app/work" className={buttonLook({ look: "quiet", size: "small" })}>
          <ArrowLeft className="size-4" aria-hidden />
          {said.back}
        </Link>
      )}
      {of > 1 && (
        <span className="ml-auto flex items-center gap-1 text-[13px] text-soft tabular-nums">
          {said.place(place, of)}
          <Button size="icon" look="quiet" aria-label={said.previous} disabled={!before} onClick={() => go(before)}>
            <ChevronLeft className="size-4.5" aria-hidden />
          </Button>
          <Button size="icon" look="quiet" aria-label={said.next} disabled={!after} onClick={() => go(after)}>
            <ChevronRight className="size-4.5" aria-hidden />
          </Button>
        </span>
      )}
    </nav>
  );
}

function Whole({ image }: { image: FoundImage }) {
  const said = texts.work.picture;
  const [view, setView] = useState(FIT);
  return (
    <div className="grid gap-8 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="min-w-0">
        <Zoomable
          view={view}
          onView={setView}
          label={said.stage}
          className="h-[62vh] rounded-2xl bg-well lg:sticky lg:top-4 lg:h-[calc(100dvh-6.5rem)]"
          over={<ZoomButtons view={view} onView={setView} />}
        >
          <Large image={image} />
        </Zoomable>
      </div>
      <div className="min-w-0">
        <h1
          className="max-h-40 overflow-y-auto font-serif text-xl font-semibold break-words whitespace-pre-wrap"
          dir="auto"
        >
          {texts.pictures.picture(image.prompt)}
        </h1>
        <PictureActions image={image} />
        <PictureFacts image={image} />
      </div>
    </div>
  );
}
