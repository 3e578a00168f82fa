import type { OwnPicture as Own } from "@openapi";
import { Link } from "@tanstack/react-router";
import { Part } from "@/parts/Facts";
import { Thumbnail } from "@/pictures/Thumbnail";
import { texts } from "@/texts";

/** The picture of this studio that a file is, or says it is. */
export function OwnPicture({ of }: { of: Own }) {
  const said = texts.verification.own;
  return (
    <Part title={said.title}>
      <Link
        to="/app/images/$assetId"
        params={{ assetId: of.asset_id }}
        className="flex items-center gap-3 rounded-lg p-1.5 hover:bg-well"
      >
        <Thumbnail assetId={of.asset_id} url={null} alt="" side={64} className="size-16 shrink-0 rounded-md" cover />
        <span className="grid gap-0.5 text-[13px]">
          <span>{of.format ? said.is : said.claims}</span>
          <span className="text-accent underline underline-offset-2">{said.open}</span>
        </span>
      </Link>
    </Part>
  );
}
