import { useTitle } from "@/parts/Page";
import { texts } from "@/texts";
import { OrderForm } from "./form/OrderForm";
import { Feed } from "./results/Feed";
import { SelectionBar } from "./results/SelectionBar";
import { useGridKeys } from "./results/useGridKeys";

/** The heart of the studio: a form at the left, and what was ordered at the right, newest first. */
export function CreateScreen() {
  useTitle(texts.create.title);
  const keys = useGridKeys();
  return (
    <div className="lg:grid lg:grid-cols-[24rem_minmax(0,1fr)]">
      <div className="border-line bg-sheet max-lg:border-b lg:sticky lg:top-0 lg:h-dvh lg:overflow-y-auto lg:border-r">
        <OrderForm />
      </div>
      <section
        id="results"
        aria-label={texts.create.newest}
        className="mx-auto w-full max-w-[1400px] px-4 py-6 md:px-8"
        {...keys}
      >
        <Feed />
        <SelectionBar />
      </section>
    </div>
  );
}
