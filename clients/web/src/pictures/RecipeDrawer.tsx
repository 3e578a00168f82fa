import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Copy, Repeat2, WandSparkles } from "lucide-react";
import { recipeQuery } from "@/api/images";
import { asProblem } from "@/api/problem";
import { Button, buttonLook } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { texts } from "@/texts";
import { copy } from "./clipboard";
import { RecipeLines } from "./RecipeLines";

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
            <Link to="/app/images/$assetId/replays" params={{ assetId }} className={buttonLook({})}>
              <Repeat2 className="size-4" aria-hidden />
              {texts.replays.action}
            </Link>
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
      {recipe.data && <RecipeLines recipe={recipe.data} />}
    </Dialog>
  );
}
