import type { PersonBody, Role } from "@openapi";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { setRoles } from "@/api/people";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Checkbox } from "@/parts/Field";
import { Refusal } from "@/parts/states";
import { texts } from "@/texts";

const ROLES: readonly Role[] = ["designer", "evaluator", "brand_engineer", "operator", "admin"];

interface RolesDialogProps {
  of: PersonBody;
  onDone: () => void;
  onClose: () => void;
}

/** Gives roles, beside those that the sign-in brings. */
export function RolesDialog({ of, onDone, onClose }: RolesDialogProps) {
  const form = useId();
  const [given, setGiven] = useState<readonly Role[]>(of.given_roles);
  const setting = useMutation({ mutationFn: () => setRoles(of.id, [...given]), onSuccess: onDone });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setting.mutate();
  };
  const shown = ROLES.concat(of.given_roles.filter((role) => !ROLES.includes(role)));
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.operators.people.rolesOf(of.name || of.id)}
      foot={
        <>
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" form={form} look="primary" disabled={setting.isPending}>
            {texts.common.save}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="grid gap-3">
        {shown.map((role) => {
          const brought = of.roles.includes(role) && !of.given_roles.includes(role);
          return (
            <Checkbox
              key={role}
              checked={brought || given.includes(role)}
              disabled={brought}
              onChange={(event) =>
                setGiven(event.currentTarget.checked ? [...given, role] : given.filter((one) => one !== role))
              }
              label={
                <span>
                  {texts.me.roles[role]}{" "}
                  <span className="text-[13px] text-soft">
                    {texts.me.roleMeans[role]}
                    {brought && ` (${texts.operators.people.fromToken})`}
                  </span>
                </span>
              }
            />
          );
        })}
        <Refusal error={setting.error} onRetry={() => setting.mutate()} />
      </form>
    </Dialog>
  );
}
