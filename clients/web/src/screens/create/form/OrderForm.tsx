import { RotateCcw } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "@/parts/Button";
import { Failed, Loading, Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { isMac, Key } from "@/shortcuts/ShortcutList";
import { useShortcut } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { limitsOf } from "../abilities";
import { EMPTY } from "../draft";
import { change, currentDraft, useForm } from "../form";
import { useOrders, usePress } from "../ordering";
import { requestOf } from "../request";
import { Choices } from "./Choices";
import { Estimate } from "./Estimate";
import { PromptField } from "./PromptField";
import { useCatalogue } from "./surroundings";
import { useDrops } from "./useDrops";

/** The order form: filled from what the studio has, and the place where a refusal is shown. */
export function OrderForm() {
  const catalogue = useCatalogue();
  const { draft, errors } = useForm();
  const { sending, problem } = useOrders();
  const { around } = catalogue;
  const press = usePress(around);
  const form = useRef<HTMLFormElement>(null);
  const isOver = useDrops(around);
  useShortcut("mod+Enter", texts.create.submit, press, { whileTyping: true });
  useFocusOnRefusal(form.current, errors);
  if (!catalogue.isReady) return <NotReady error={catalogue.error} onRetry={catalogue.retry} />;
  return (
    <form
      ref={form}
      noValidate
      aria-label={texts.create.form}
      className="flex min-h-full flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        press();
      }}
    >
      <div className="grid gap-5 px-5 pt-5 pb-4 [&_:is(input,select,textarea,button)]:scroll-my-40">
        <div className="flex items-center justify-between">
          <h1 className="font-serif text-2xl font-semibold">{texts.create.title}</h1>
          <Button look="quiet" size="small" onClick={startOver}>
            <RotateCcw className="size-3.5" aria-hidden />
            {texts.create.reset}
          </Button>
        </div>
        <PromptField prompt={draft.prompt} most={limitsOf(around.limits).promptChars} error={errors.prompt} />
        <Choices />
      </div>
      <div className="sticky bottom-0 mt-auto grid gap-2.5 border-t border-line bg-sheet px-5 pt-3 pb-4 max-lg:bottom-14">
        {problem && <Refusal error={problem} onRetry={press} />}
        <Estimate request={requestOf(draft, around)} />
        <Button look="primary" size="large" type="submit" className="w-full">
          {sending.length > 0 ? texts.create.submitting : texts.create.submit}
          <span
            aria-hidden
            className="flex gap-1 opacity-80 max-lg:hidden [&_kbd]:border-current/40 [&_kbd]:bg-transparent [&_kbd]:text-inherit"
          >
            <Key>{isMac() ? "⌘" : "Ctrl"}</Key>
            <Key>⏎</Key>
          </span>
        </Button>
      </div>
      {isOver && (
        <p className="pointer-events-none fixed inset-4 z-30 grid place-items-center rounded-2xl border-2 border-dashed border-accent bg-wash/85 text-base font-semibold text-accent">
          {texts.create.pictures.dropAnywhere}
        </p>
      )}
    </form>
  );
}

/** While it is not known what can be ordered. */
function NotReady({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div className="grid gap-5 p-5">
      <h1 className="font-serif text-2xl font-semibold">{texts.create.title}</h1>
      {error ? <Failed error={error} onRetry={onRetry} /> : <Loading />}
    </div>
  );
}

function startOver(): void {
  const before = currentDraft();
  change({ ...EMPTY, asset_type: before.asset_type });
  toast(texts.create.resetDone, { undo: () => change(before) });
}

/** A refusal is where its field is, and so is the focus. */
function useFocusOnRefusal(form: HTMLFormElement | null, errors: Readonly<Record<string, string>>): void {
  const first = Object.keys(errors)[0];
  useEffect(() => {
    if (!form || !first) return;
    const field = form.querySelector(`[data-field="${CSS.escape(first)}"]`);
    field
      ?.querySelector<HTMLElement>("input:checked, textarea, select, input:not([type=radio]), button")
      ?.focus({ preventScroll: false });
  }, [form, first]);
}
