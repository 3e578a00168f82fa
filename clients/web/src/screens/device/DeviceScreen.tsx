import type { AskingBody } from "@openapi";
import { useMutation } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { MonitorSmartphone } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { approveDevice, findDevice } from "@/api/device";
import { asProblem } from "@/api/problem";
import { Button } from "@/parts/Button";
import { minuteOf } from "@/parts/dates";
import { Field, Input } from "@/parts/Field";
import { Page } from "@/parts/Page";
import { texts } from "@/texts";

/** Where a person lets a device in that shows a code. */
export function DeviceScreen() {
  const { user_code } = useSearch({ from: "/studio/device" });
  const [code, setCode] = useState(user_code ?? "");
  const asking = useMutation({ mutationFn: findDevice });
  const approving = useMutation({ mutationFn: approveDevice });
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || !user_code) return;
    begun.current = true;
    asking.mutate(user_code.trim());
  }, [user_code, asking.mutate]);
  const find = (event: FormEvent) => {
    event.preventDefault();
    approving.reset();
    asking.mutate(code.trim());
  };
  const problem = asking.error ?? approving.error;
  return (
    <Page title={texts.device.title} lead={texts.device.lead}>
      <div className="grid max-w-md gap-5">
        <form onSubmit={find} className="flex items-end gap-2">
          <Field label={texts.device.code} className="flex-1">
            {(given) => (
              <Input
                {...given}
                value={code}
                onChange={(event) => setCode(event.currentTarget.value)}
                className="h-11 font-mono text-base tracking-widest uppercase"
                autoComplete="off"
                autoCapitalize="characters"
                spellCheck={false}
                maxLength={16}
                required
              />
            )}
          </Field>
          <Button type="submit" size="large" disabled={asking.isPending}>
            {texts.device.find}
          </Button>
        </form>
        {asking.data && !asking.isPending && (
          <Asking
            device={asking.data}
            approved={asking.data.approved || approving.isSuccess}
            busy={approving.isPending}
            onApprove={() => approving.mutate(asking.data.user_code)}
          />
        )}
        <p role="status" className={problem ? "text-bad" : "text-soft"} dir="auto">
          {problem ? sentenceOf(problem) : saidOf(asking.data, approving.isSuccess)}
        </p>
        <Link
          to="/app/me"
          hash="devices"
          className="justify-self-start text-[13px] text-soft underline underline-offset-2 hover:text-ink"
        >
          {texts.device.manage}
        </Link>
      </div>
    </Page>
  );
}

interface AskingProps {
  device: AskingBody;
  approved: boolean;
  busy: boolean;
  onApprove: () => void;
}

function Asking({ device, approved, busy, onApprove }: AskingProps) {
  return (
    <section aria-label={device.client} className="flex gap-4 rounded-2xl border border-line bg-sheet p-5 shadow-sheet">
      <MonitorSmartphone className="mt-0.5 size-6 shrink-0 text-accent" aria-hidden />
      <div className="grid min-w-0 gap-3">
        <div>
          <h2 className="font-semibold break-words" dir="auto">
            {texts.device.asks(device.client)}
          </h2>
          <p className="text-[13px] text-soft">{texts.device.since(minuteOf(device.created_at))}</p>
        </div>
        {!approved && (
          <Button look="primary" className="justify-self-start" disabled={busy} onClick={onApprove}>
            {texts.device.approve}
          </Button>
        )}
      </div>
    </section>
  );
}

function saidOf(device: AskingBody | undefined, approved: boolean): string {
  if (!device) return "";
  if (approved) return texts.device.done(device.client);
  return device.approved ? texts.device.already : "";
}

function sentenceOf(error: unknown): string {
  const { message } = asProblem(error);
  return message.charAt(0).toUpperCase() + message.slice(1);
}
