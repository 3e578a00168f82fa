import { texts } from "@/texts";
import { lorasOf, readType } from "../assetType";
import { type Body, bodyOf } from "../body";
import { Template } from "../form/Template";
import { Fact, Facts } from "./Facts";

export function TypeContent({ body }: { body: Body }) {
  const type = readType(body);
  const said = texts.makers.type;
  return (
    <Facts>
      <Fact label={texts.makers.form.description}>{type.description}</Fact>
      <Fact label={said.template}>
        <Template text={type.template} />
      </Fact>
      <Fact label={said.negative}>{type.negative}</Fact>
      <Fact label={said.slots}>
        {type.slots.length > 0 && (
          <ul className="grid gap-1">
            {type.slots.map((slot) => (
              <li key={slot.key}>
                <code className="text-accent">{`{${slot.name}}`}</code> {slot.description}
                {slot.choices && <span className="text-soft"> ({slot.choices})</span>}
              </li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact label={said.styles}>
        {type.styles.length > 0 && (
          <ul className="grid gap-1">
            {type.styles.map((style) => (
              <li key={style.key}>
                <span className="font-medium">{style.name}</span>:{" "}
                {[style.words, ...lorasOf(style).map(said.drawnWith)].filter(Boolean).join("; ")}
                {style.negative && (
                  <span className="text-soft">
                    {" "}
                    ({said.columns.negative.toLowerCase()}: {style.negative})
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact label={said.sizes}>{type.sizes}</Fact>
      <Fact label={said.defaultSize}>{type.defaultSize}</Fact>
      <Fact label={said.formats}>{type.formats.join(", ")}</Fact>
      <Fact label={said.kit}>{type.kit}</Fact>
      <Fact label={said.stages}>{settings(bodyOf(body.stages))}</Fact>
      <Fact label={said.families}>{settings(bodyOf(body.families))}</Fact>
    </Facts>
  );
}

/** Settings that have no form of their own, a line each. */
function settings(of: Body) {
  const lines = Object.entries(of);
  if (lines.length === 0) return null;
  return (
    <ul className="grid gap-1">
      {lines.map(([name, value]) => (
        <li key={name}>
          {name}: <code className="text-[13px] text-soft">{JSON.stringify(value)}</code>
        </li>
      ))}
    </ul>
  );
}
