import { Link } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import { Page } from "@/parts/Page";
import { Sections, sectionLook } from "@/parts/Sections";
import { texts } from "@/texts";

interface TrainingPageProps extends ComponentProps<typeof Page> {
  of: "trainings" | "datasets";
}

/** A screen about how LoRAs are made, with the way between trainings and what they learn from. */
export function TrainingPage({ of, ...page }: TrainingPageProps) {
  const here = { "data-status": "active", "aria-current": "true" } as const;
  return (
    <>
      <Sections label={texts.training.sections} wide={page.wide}>
        <Link
          to="/app/training"
          activeOptions={{ exact: true }}
          className={sectionLook}
          {...(of === "trainings" && here)}
        >
          {texts.training.title}
        </Link>
        <Link to="/app/training/datasets" className={sectionLook} {...(of === "datasets" && here)}>
          {texts.datasets.title}
        </Link>
      </Sections>
      <Page {...page} />
    </>
  );
}
