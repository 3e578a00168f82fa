import type { WebhookBody } from "@openapi";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Send } from "lucide-react";
import { useState } from "react";
import { changeWebhook, deleteWebhook, rotateSecret, testWebhook } from "@/api/webhooks";
import { Button } from "@/parts/Button";
import { Confirm } from "@/parts/Confirm";
import { Refusal } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { Secret } from "./Secret";
import { WebhookForm } from "./WebhookForm";

const said = texts.webhooks;

/** What can be done with a webhook. */
export function WebhookActions({ of }: { of: WebhookBody }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"change" | "rotate" | "remove" | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => setOpen(null);
  const read = () => client.invalidateQueries({ queryKey: ["webhooks"] });
  const done = (text: string) => {
    read();
    toast(text);
  };
  const testing = useMutation({ mutationFn: () => testWebhook(of.id), onSuccess: () => done(said.tested) });
  const turning = useMutation({
    mutationFn: (enabled: boolean) => changeWebhook(of.id, { enabled }),
    onSuccess: (_, enabled) => done(enabled ? said.turnedOn : said.turnedOff),
  });
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap gap-2">
        <Button disabled={!of.enabled || testing.isPending} onClick={() => testing.mutate()}>
          <Send className="size-4" aria-hidden />
          {said.test}
        </Button>
        <Button onClick={() => setOpen("change")}>{said.form.change}</Button>
        <Button onClick={() => setOpen("rotate")}>{said.rotate}</Button>
        <Button disabled={turning.isPending} onClick={() => turning.mutate(!of.enabled)}>
          {of.enabled ? said.turnOff : said.turnOn}
        </Button>
        <Button look="danger" onClick={() => setOpen("remove")}>
          {said.remove}
        </Button>
      </div>
      <Refusal error={testing.error ?? turning.error} />
      {open === "change" && (
        <WebhookForm
          of={of}
          onClose={close}
          save={async ({ url, events, description, include }) => {
            await changeWebhook(of.id, { url, events, description, include });
            close();
            done(said.changed);
          }}
        />
      )}
      {open === "rotate" && (
        <Confirm
          title={said.rotateTitle}
          action={said.rotate}
          run={async () => setSecret((await rotateSecret(of.id)).secret)}
          onDone={() => {
            close();
            read();
          }}
          onClose={close}
        >
          {said.rotateLead}
        </Confirm>
      )}
      {open === "remove" && (
        <Confirm
          title={said.removeTitle}
          action={said.remove}
          run={() => deleteWebhook(of.id)}
          onDone={() => {
            toast(said.removed);
            client.removeQueries({ queryKey: ["webhooks"] });
            navigate({ to: "/app/me/webhooks" });
          }}
          onClose={close}
        >
          {said.removeLead}
        </Confirm>
      )}
      {secret && <Secret secret={secret} onClose={() => setSecret(null)} />}
    </div>
  );
}
