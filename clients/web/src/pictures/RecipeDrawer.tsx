import { useQuery } from "@tanstack/react-query";
import { Copy, WandSparkles } from "lucide-react";
import { type Recipe, recipeQuery } from "@/api/images";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { classes } from "@/parts/classes";
import { Dialog } from "@/parts/Dialog";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { copy } from "./clipboard";
import { linesOf } from "./recipe";

interface RecipeDrawerProps {
  assetId: string;
  open: boolean;
  onClose: () => void;
  /** Fill the form of Create with a body of `POST /generate`. */
  onUse?: (request: Record<string, unknown>) => void;
}

/** How a picture was made, from the side: to read, to copy, to draw again. */
export function RecipeDrawer({ assetId, open, onClose, onUse }: RecipeDrawerProps) {
  const said = texts.pictures.recipe;
  const recipe = useQuery({ ...recipeQuery(assetId), enabled: open });
  const request = recipe.data?.request;
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={said.title}
      description={said.lead}
      shape="side"
      foot={
        recipe.data && (
          <>
            <Button onClick={() => copy(JSON.stringify(recipe.data, null, 2), said.copied)}>
              <Copy className="size-4" aria-hidden />
              {said.copy}
            </Button>
            {request && onUse && (
              <Button look="primary" onClick={() => onUse(request)}>
                <WandSparkles className="size-4" aria-hidden />
                {said.use}
              </Button>
            )}
          </>
        )
      }
    >
      {recipe.isPending && open && (
        <Loading>
          <Skeleton className="h-20" />
          <Skeleton className="h-48" />
        </Loading>
      )}
      {recipe.error &&
        (asProblem(recipe.error).status === 404 ? (
          <p className="text-soft">{asProblem(recipe.error).message || said.none}</p>
        ) : (
          <Failed error={recipe.error} onRetry={() => recipe.refetch()} />
        ))}
      {recipe.data && <Lines recipe={recipe.data} />}
    </Dialog>
  );
}

function Lines({ recipe }: { recipe: Recipe }) {
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
