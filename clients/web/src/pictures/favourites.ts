import { type Query, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { changeImages, setFavourite } from "@/api/images";
import { asProblem } from "@/api/problem";
import { toast } from "@/parts/toasts";
import { inTurn } from "./inTurn";

const listsFavourites = ({ queryKey: [, , question] }: Query) =>
  typeof question === "object" && question !== null && "favourite" in question && question.favourite === true;

/** Makes pictures favourites, or not any more, shown at once; those that the studio refuses go back. */
export function useFavourites(): (ids: readonly string[], favourite: boolean) => Promise<void> {
  const client = useQueryClient();
  return useCallback(
    async (ids, favourite) => {
      changeImages(client, ids, (image) => ({ ...image, favourite }));
      const { failed, errors } = await inTurn(ids, (id) => setFavourite(id, favourite));
      // Again, since what was read meanwhile may be from before it was set.
      changeImages(client, ids, (image) => ({ ...image, favourite }));
      if (failed.length > 0) {
        changeImages(client, failed, (image) => ({ ...image, favourite: !favourite }));
        toast(asProblem(errors[0]).message, { tone: "bad" });
      }
      client.invalidateQueries({ queryKey: ["images", "facets"] });
      // A list of favourites that was read before it was set lacks it; from one that is looked at, none vanishes.
      client.invalidateQueries({ predicate: listsFavourites, refetchType: favourite ? "active" : "none" });
    },
    [client],
  );
}
