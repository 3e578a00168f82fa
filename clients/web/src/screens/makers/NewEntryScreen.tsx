import { useParams, useSearch } from "@tanstack/react-router";
import { isKind } from "@/api/library";
import { NotFound } from "@/app/Crashed";
import { Page } from "@/parts/Page";
import { texts } from "@/texts";
import type { Body } from "./body";
import { KitForm } from "./form/KitForm";
import { LoraUpload } from "./form/LoraUpload";
import { TypeForm } from "./form/TypeForm";

/** What a new one begins with. */
const KIT: Body = {
  palette: [
    { name: "", colour: "#a93d1a" },
    { name: "", colour: "#f7f5f0", role: "ground" },
  ],
};
const TYPE: Body = {
  prompt_template: "{subject}, {style}, {tone}",
  default_size: "512x512",
  sizes: ["512x512"],
  formats: ["png", "webp"],
};

export function NewEntryScreen() {
  const { kind } = useParams({ from: "/studio/app/library/add/$kind" });
  const { id } = useSearch({ from: "/studio/app/library/add/$kind" });
  if (!isKind(kind)) return <NotFound />;
  const said = texts.makers.kinds[kind];
  return (
    <Page title={kind === "loras" && id ? id : said.add} lead={said.lead}>
      {kind === "loras" && <LoraUpload key={id} {...(id ? { id } : {})} />}
      {kind === "brand-kits" && <KitForm base={KIT} />}
      {kind === "asset-types" && <TypeForm base={TYPE} />}
    </Page>
  );
}
