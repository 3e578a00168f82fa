import { texts } from "@/texts";
import type { Body } from "../body";
import { readKit } from "../brandKit";
import { KitPreview } from "../form/KitPreview";
import { Fact, Facts } from "./Facts";

export function KitContent({ body }: { body: Body }) {
  const kit = readKit(body);
  return (
    <div className="grid gap-8">
      <KitPreview palette={kit.palette} />
      <Facts>
        <Fact label={texts.makers.form.description}>{kit.description}</Fact>
        <Fact label={texts.makers.kit.tone}>{kit.tone}</Fact>
        <Fact label={texts.makers.kit.banned}>{kit.banned.split("\n").join(", ")}</Fact>
        <Fact label={texts.makers.kit.clearSpace}>{`${Math.round(kit.clearSpace * 100)} %`}</Fact>
      </Facts>
    </div>
  );
}
