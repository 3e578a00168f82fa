import { Loading, Skeleton } from "@/parts/states";
import { gridOf } from "./grid";

/** Where four pictures will be. */
export function Places() {
  return (
    <Loading>
      <Skeleton className="h-6 w-64" />
      <div className="@container">
        <div className={gridOf(4)}>
          {["a", "b", "c", "d"].map((place) => (
            <Skeleton key={place} className="aspect-square" />
          ))}
        </div>
      </div>
    </Loading>
  );
}
