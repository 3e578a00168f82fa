import type { SpaceBody } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { assetTypesQuery, brandKitsQuery, modelsQuery } from "@/api/catalogue";
import { changeSpace, spacesQuery } from "@/api/spaces";
import { Button } from "@/parts/Button";
import { Field, Select } from "@/parts/Field";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";

type Default = keyof SpaceBody["defaults"];
const FIELDS: readonly Default[] = ["asset_type", "quality", "model", "brand_kit"];

/** What is drawn with in a space where a request leaves it open. */
export function Defaults({ of }: { of: SpaceBody }) {
  const client = useQueryClient();
  const said = texts.operators.spaces;
  const [form, setForm] = useState(of.defaults);
  const types = useQuery(assetTypesQuery).data;
  const choices: Record<Default, readonly { id: string; name: string }[]> = {
    asset_type: types?.asset_types ?? [],
    quality: types?.qualities ?? [],
    model: useQuery(modelsQuery).data?.models ?? [],
    brand_kit: useQuery(brandKitsQuery).data?.brand_kits ?? [],
  };
  const saving = useMutation({
    mutationFn: () => changeSpace(of.id, { defaults: form }),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: spacesQuery.queryKey });
      toast(said.saved);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <h3 className="text-[13px] font-semibold">{said.defaults}</h3>
      <p className="text-[13px] text-soft">{said.defaultsLead}</p>
      <div className="grid gap-4 sm:grid-cols-2">
        {FIELDS.map((field) => (
          <Field key={field} label={said.fields[field]}>
            {(given) => (
              <Select
                {...given}
                value={form[field] ?? ""}
                onChange={(event) => setForm({ ...form, [field]: event.currentTarget.value || null })}
              >
                <option value="">{said.open}</option>
                {form[field] && !choices[field].some((one) => one.id === form[field]) && (
                  <option value={form[field]}>{form[field]}</option>
                )}
                {choices[field].map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ))}
      </div>
      <Refusal error={saving.error} onRetry={() => saving.mutate()} />
      <Button type="submit" className="justify-self-start" disabled={saving.isPending}>
        {texts.common.save}
      </Button>
    </form>
  );
}
