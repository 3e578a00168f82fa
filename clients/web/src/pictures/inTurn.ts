/** Does the same with each of many, a few at once, and goes on past what fails. `done` hears how many are through. */
export async function inTurn<T>(
  all: readonly T[],
  act: (one: T) => Promise<unknown>,
  { atOnce = 6, done }: { atOnce?: number; done?: (count: number) => void } = {},
): Promise<{ failed: T[]; errors: unknown[] }> {
  const waiting = [...all];
  const failed: T[] = [];
  const errors: unknown[] = [];
  let through = 0;
  const worker = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      try {
        await act(one);
      } catch (error) {
        failed.push(one);
        errors.push(error);
      }
      through += 1;
      done?.(through);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, worker));
  return { failed, errors };
}
