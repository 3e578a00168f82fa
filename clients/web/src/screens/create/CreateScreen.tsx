import { lazy, Suspense } from "react";
import { useTitle } from "@/parts/Page";
import { texts } from "@/texts";
import { OrderForm } from "./form/OrderForm";
import { Places } from "./results/Places";

/** Both are loaded at once; the form is there first, and what is done with finished pictures is most of the code. */
const Results = lazy(async () => ({ default: (await import("./results/Results")).Results }));

/** The heart of the studio: a form at the left, and what was ordered at the right, newest first. */
export function CreateScreen() {
  useTitle(texts.create.title);
  return (
    <div className="lg:grid lg:grid-cols-[24rem_minmax(0,1fr)]">
      <div className="border-line bg-sheet max-lg:border-b lg:sticky lg:top-0 lg:h-dvh lg:overflow-y-auto lg:border-r">
        <OrderForm />
      </div>
      <section
        id="results"
        aria-label={texts.create.newest}
        className="mx-auto w-full max-w-[1400px] px-4 py-6 md:px-8"
      >
        <Suspense fallback={<Places />}>
          <Results />
        </Suspense>
      </section>
    </div>
  );
}
