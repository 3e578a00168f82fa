import { Feed } from "./Feed";
import { SelectionBar } from "./SelectionBar";
import { useGridKeys } from "./useGridKeys";

/** What was ordered, by keyboard too, and what can be done with those that are chosen. */
export function Results() {
  const keys = useGridKeys();
  return (
    <div {...keys}>
      <Feed />
      <SelectionBar />
    </div>
  );
}
