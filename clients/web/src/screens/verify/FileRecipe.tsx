import type { Verification } from "@openapi";
import { useNavigate } from "@tanstack/react-router";
import { WandSparkles } from "lucide-react";
import { Button } from "@/parts/Button";
import { Part } from "@/parts/Facts";
import { RecipeLines } from "@/pictures/RecipeLines";
import { texts } from "@/texts";
import { fillForm } from "../create/form";
import { requestOf } from "./request";

/** The recipe in a file, or what another program has written into it. Whoever knows what is in it may draw it again. */
export function FileRecipe({ found: { recipe, parameters, private: isPrivate } }: { found: Verification }) {
  const said = texts.verification.recipe;
  const navigate = useNavigate();
  const request = recipe ? requestOf(recipe) : null;
  if (!recipe && !parameters && !isPrivate) return null;
  return (
    <Part title={said.title}>
      {isPrivate && <p className="text-[13px]">{said.private}</p>}
      {recipe && typeof recipe.prompt === "string" && recipe.prompt && (
        <p className="max-w-prose break-words whitespace-pre-wrap" dir="auto">
          {recipe.prompt}
        </p>
      )}
      {request && (
        <div className="flex flex-wrap items-center gap-3">
          <Button
            onClick={() => {
              fillForm(request);
              navigate({ to: "/" });
            }}
          >
            <WandSparkles className="size-4" aria-hidden />
            {said.again}
          </Button>
          <span className="text-xs text-soft">{said.againHint}</span>
        </div>
      )}
      {recipe && (
        <details className="text-[13px]">
          <summary className="min-h-6 text-soft hover:text-ink">{said.whole}</summary>
          <div className="mt-2">
            <RecipeLines recipe={recipe} />
          </div>
        </details>
      )}
      {parameters && (
        <details className="text-[13px]">
          <summary className="min-h-6 text-soft hover:text-ink">{said.parameters}</summary>
          <pre
            className="mt-2 max-h-80 overflow-auto rounded-lg bg-well p-3 text-xs break-words whitespace-pre-wrap"
            dir="auto"
          >
            {parameters}
          </pre>
        </details>
      )}
    </Part>
  );
}
