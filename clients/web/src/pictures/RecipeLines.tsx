import { classes } from "@/parts/classes";
import { linesOf } from "./recipe";

/** A recipe to read, line by line. */
export function RecipeLines({ recipe }: { recipe: Record<string, unknown> }) {
  return (
    <dl className="grid gap-x-4 gap-y-2.5 text-[13px] sm:grid-cols-[9.5rem_minmax(0,1fr)]">
      {linesOf(recipe).map(({ name, value, words }) => (
        <div key={name} className="contents">
          <dt className="text-soft first-letter:uppercase">{name}</dt>
          <dd
            className={classes("min-w-0 break-words", words ? "whitespace-pre-wrap" : "tabular-nums")}
            dir={words ? "auto" : undefined}
          >
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
