import { useQuery } from "@tanstack/react-query";
import { lorasQuery } from "@/api/catalogue";
import { LicenceBadge } from "@/parts/LicenceBadge";
import { texts } from "@/texts";
import { type Body, bodyOf, listOf, numberOf, textOf } from "../body";
import { Fact, Facts } from "./Facts";

export function LoraContent({ body }: { body: Body }) {
  const live = useQuery(lorasQuery).data?.loras.find((one) => one.id === body.id);
  const said = texts.makers.lora;
  return (
    <Facts>
      <Fact label={texts.makers.form.description}>{textOf(body.description)}</Fact>
      <Fact label={said.family}>{textOf(body.family)}</Fact>
      <Fact label={said.models}>{(live?.models ?? listOf(body.models).map(textOf)).join(", ")}</Fact>
      <Fact label={said.triggers}>{listOf(body.trigger_words).map(textOf).join(", ")}</Fact>
      <Fact label={said.strength}>{String(numberOf(body.default_strength, 1))}</Fact>
      <Fact label={said.licence}>
        <ul className="grid gap-1.5">
          {live && (
            <li>
              <LicenceBadge licence={live.licence} />
            </li>
          )}
          {listOf(body.licence_parts).map((one) => {
            const part = bodyOf(one);
            return (
              <li key={textOf(part.part)}>
                {textOf(part.part)}: {textOf(part.licence)}
              </li>
            );
          })}
        </ul>
      </Fact>
    </Facts>
  );
}
