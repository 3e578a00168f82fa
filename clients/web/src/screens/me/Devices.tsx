import type { DeviceBody } from "@openapi";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import { devicesQuery, revokeDevice } from "@/api/keys";
import { Button, buttonLook } from "@/parts/Button";
import { Confirm } from "@/parts/Confirm";
import { dayOf } from "@/parts/dates";
import { Section } from "@/parts/Section";
import { Failed, Loading, Skeleton } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";

export function Devices() {
  const devices = useQuery(devicesQuery);
  const letIn = devices.data?.devices.filter((device) => !device.revoked_at);
  return (
    <Section
      title={texts.me.devices.title}
      anchor="devices"
      lead={texts.me.devices.lead}
      actions={
        <Link to="/device" className={buttonLook({ look: "plain" })}>
          {texts.me.devices.link}
        </Link>
      }
    >
      {devices.isPending && (
        <Loading>
          <Skeleton className="h-14" />
        </Loading>
      )}
      {devices.error && <Failed error={devices.error} onRetry={() => devices.refetch()} />}
      {letIn?.length === 0 && <p className="text-soft">{texts.me.devices.none}</p>}
      <ul className="divide-y divide-line">
        {letIn?.map((device) => (
          <Device key={device.id} of={device} />
        ))}
      </ul>
    </Section>
  );
}

function Device({ of }: { of: DeviceBody }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const removed = () => {
    setAsking(false);
    toast(texts.me.devices.removed(of.client));
    client.invalidateQueries({ queryKey: devicesQuery.queryKey });
  };
  return (
    <li className="flex items-center gap-4 py-3 first:pt-0">
      <MonitorSmartphone className="size-4.5 shrink-0 text-soft" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium" dir="auto">
          {of.client}
        </p>
        <p className="text-[13px] text-soft">
          {texts.me.devices.since} {dayOf(of.created_at)} ·{" "}
          {of.used_at ? `${texts.me.keys.used} ${dayOf(of.used_at)}` : texts.me.keys.never}
        </p>
      </div>
      <Button size="small" look="danger" onClick={() => setAsking(true)}>
        {texts.me.devices.remove}
        <span className="sr-only">{of.client}</span>
      </Button>
      {asking && (
        <Confirm
          title={texts.me.devices.removeTitle(of.client)}
          action={texts.me.devices.remove}
          run={() => revokeDevice(of.id)}
          onDone={removed}
          onClose={() => setAsking(false)}
        >
          {texts.me.devices.removeLead}
        </Confirm>
      )}
    </li>
  );
}
