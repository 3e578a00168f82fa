import { classes } from "@/parts/classes";

/** As many columns as pictures, up to four; in a large one two by two, as high as the window, where four would be small. */
export function gridOf(count: number, large = false): string {
  return classes(
    "grid gap-3",
    count === 1 && "max-w-96 grid-cols-1",
    count === 1 && large && "max-w-[min(36rem,70dvh)]",
    count === 2 && "max-w-[50rem] grid-cols-2",
    count === 3 && "grid-cols-2 @lg:grid-cols-3",
    count >= 4 && "grid-cols-2 @2xl:grid-cols-4",
    count === 4 && large && "max-w-[max(18rem,74dvh)] @2xl:grid-cols-2 @5xl:max-w-none @5xl:grid-cols-4",
  );
}
