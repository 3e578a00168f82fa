import type { FoundImage } from "@openapi";
import { classes } from "@/parts/classes";
import { texts } from "@/texts";
import { settingsOf } from "./comparison";
import { Letter } from "./Stages";

/** What the pictures were made with; what differs comes first and stands out. */
export function Settings({ images }: { images: readonly FoundImage[] }) {
  const said = texts.work.compare;
  return (
    <section className="overflow-x-auto" aria-label={said.details}>
      <h2 className="mb-2 text-[13px] font-semibold">{said.details}</h2>
      <table className="w-full min-w-md table-fixed border-collapse text-left text-[13px]">
        <thead>
          <tr>
            <td className="w-32" />
            {images.map((image, place) => (
              <th key={image.asset_id} scope="col" className="px-3 pb-2">
                <Letter place={place} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {settingsOf(images).map(({ name, values, differs }) => (
            <tr key={name} className={classes("border-t border-line align-top", differs && "bg-wash")}>
              <th scope="row" className="px-3 py-2 font-normal text-soft first-letter:uppercase">
                {name}
                {!differs && <span className="sr-only">, {said.same}</span>}
              </th>
              {images.map((image, place) => (
                <td
                  key={image.asset_id}
                  className={classes("px-3 py-2 break-words tabular-nums", differs && "font-medium")}
                  dir="auto"
                >
                  <span className="line-clamp-4">{values[place]}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
