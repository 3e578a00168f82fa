import { RotateCcw } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "@/parts/Button";
import { Group } from "@/parts/Field";
import { Segments } from "@/parts/Segments";
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
import { Advanced } from "./Advanced";
import { Estimate } from "./Estimate";
import { GuideFields } from "./GuideFields";
import { LoraFields } from "./LoraFields";
import { ModelField } from "./ModelField";
import { PromptField } from "./PromptField";
import { StartPicture } from "./StartPicture";
import { useCatalogue } from "./surroundings";
import { TypeCards } from "./TypeCards";
import { BrandField, TypeDetails } from "./TypeDetails";
import { useDrops } from "./useDrops";

const COUNTS = [1, 2, 4, 8];

/** The order form: filled from what the studio has, and the place where a refusal is shown. */
export function OrderForm() {
  const catalogue = useCatalogue();
  const { draft, errors } = useForm();
  const { sending, problem } = useOrders();
  const { around, qualities } = catalogue;
  const press = usePress(around);
  const form = useRef<HTMLFormElement>(null);
  const isOver = useDrops(around);
  useShortcut("mod+Enter", texts.create.submit, press, { whileTyping: true });
  useFocusOnRefusal(form.current, errors);
  if (!catalogue.isReady) return <NotReady error={catalogue.error} onRetry={catalogue.retry} />;
  const quality = qualities.find((one) => one.id === draft.quality);
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
        <TypeCards draft={draft} types={catalogue.assetTypes} error={errors.asset_type} />
        <TypeDetails draft={draft} kind={around.assetType} errors={errors} />
        <Group label={texts.create.quality} name="quality" hint={quality?.description} error={errors.quality ?? null}>
          <Segments
            label={texts.create.quality}
            value={draft.quality}
            onChange={(id) => change({ quality: id })}
            choices={qualities.map((one) => ({ value: one.id, label: one.name, title: one.description }))}
          />
        </Group>
        <Group label={texts.create.count} name="num_variations" error={errors.num_variations ?? null}>
          <Segments
            label={texts.create.count}
            value={draft.num_variations}
            onChange={(count) => change({ num_variations: count })}
            choices={COUNTS.map((count) => ({ value: count, label: String(count) }))}
          />
        </Group>
        {around.assetType && !draft.every_type && (
          <Group label={texts.create.size} name="size" error={errors.size ?? null}>
            <Segments
              label={texts.create.size}
              value={draft.size ?? ""}
              onChange={(size) => change({ size: size || null })}
              choices={[
                { value: "", label: texts.create.auto, title: around.assetType.default_size.replace("x", " × ") },
                ...around.assetType.sizes.map((size) => ({ value: size as string, label: size.replace("x", " × ") })),
              ]}
            />
          </Group>
        )}
        <ModelField draft={draft} models={catalogue.models} model={around.model} error={errors.model} />
        <BrandField draft={draft} kits={catalogue.kits} error={errors.brand_kit} />
        <LoraFields draft={draft} around={around} error={errors.loras} />
        <StartPicture draft={draft} around={around} errors={errors} />
        {(["references", "controls", "image_prompts"] as const).map((field) => (
          <GuideFields key={field} field={field} draft={draft} around={around} error={errors[field]} />
        ))}
        <Advanced draft={draft} around={around} errors={errors} />
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
