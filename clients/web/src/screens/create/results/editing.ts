import type { ImageBody, JobBody, ModelBody } from "@openapi";
import { useNavigate } from "@tanstack/react-router";
import { announce } from "@/live/announcements";
import { texts } from "@/texts";
import { modelOf, redraws, usualModel } from "../abilities";
import { currentDraft, editPicture } from "../form";
import { toLookAt } from "./files";

const takes = (model: ModelBody | undefined) => redraws(model) || (model?.capabilities.references ?? 0) > 0;

/** The model with which a picture is gone on from: its own, the one in the form, or the first that can. */
export function editorOf(job: JobBody, models: readonly ModelBody[]): ModelBody | undefined {
  const wanted = [models.find((one) => one.id === job.model), modelOf(currentDraft(), models)];
  return wanted.find(takes) ?? models.find(takes);
}

/** Puts a finished picture into the form, to begin with it; null where no model of the studio can. */
export function useEdit(models: readonly ModelBody[]): ((job: JobBody, image: ImageBody) => void) | null {
  const navigate = useNavigate();
  if (!models.some(takes)) return null;
  return (job, image) => {
    const model = editorOf(job, models);
    const chosen = model && model.id !== usualModel(models)?.id ? model.id : null;
    editPicture(job, image.index, toLookAt(image) ?? image.url, !redraws(model), chosen);
    announce(texts.jobs.editDone(image.index + 1));
    navigate({ to: "/" }).then(toForm);
  };
}

/** To the form, ready to write. */
export function toForm(): void {
  requestAnimationFrame(() => {
    const prompt = document.querySelector<HTMLTextAreaElement>("[data-field=prompt] textarea");
    prompt?.focus();
    prompt?.select();
    prompt?.scrollIntoView({ block: "center" });
  });
}
