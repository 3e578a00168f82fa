import type { LinkBody } from "@openapi";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, Link2 } from "lucide-react";
import { useState } from "react";
import { linksQuery, makeLink, revokeLink, type Shareable } from "@/api/images";
import { Badge } from "@/parts/Badge";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Moment } from "@/parts/dates";
import { Field, Select } from "@/parts/Field";
import { Failed, Loading, Refusal, Skeleton } from "@/parts/states";
import { toast } from "@/parts/toasts";
import { texts } from "@/texts";
import { copy } from "./clipboard";

interface ShareDialogProps {
  what: Shareable;
  /** What is to be known of it, in place of the usual sentence. */
  lead?: string;
  open: boolean;
  onClose: () => void;
}

const DAYS = [1, 3, 7, 30];

/** Links that show a picture or a collection to whoever has them: made, copied, revoked. */
export function ShareDialog({ what, lead, open, onClose }: ShareDialogProps) {
  const said = texts.pictures.share;
  return (
    <Dialog open={open} onClose={onClose} title={said.title} description={lead ?? said.lead}>
      {open && <Links what={what} />}
    </Dialog>
  );
}

function Links({ what }: { what: Shareable }) {
  const said = texts.pictures.share;
  const client = useQueryClient();
  const links = useQuery(linksQuery(what));
  const [days, setDays] = useState(7);
  const read = () => client.invalidateQueries({ queryKey: linksQuery(what).queryKey });
  const make = useMutation({
    mutationFn: () => makeLink(what, days),
    onSuccess: (link) => {
      read();
      copy(link.url, said.made);
    },
  });
  const revoke = useMutation({
    mutationFn: (link: LinkBody) => revokeLink(link.id),
    onSuccess: () => {
      read();
      toast(said.revoked);
    },
  });
  return (
    <div className="grid gap-5">
      <div className="flex items-end gap-2">
        <Field label={said.days} className="flex-1">
          {(given) => (
            <Select {...given} value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
              {DAYS.map((one) => (
                <option key={one} value={one}>
                  {said.dayChoices(one)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Button look="primary" disabled={make.isPending} onClick={() => make.mutate()}>
          <Link2 className="size-4" aria-hidden />
          {said.make}
        </Button>
      </div>
      <Refusal error={make.error ?? revoke.error} />
      {links.isPending && (
        <Loading>
          <Skeleton className="h-10" />
        </Loading>
      )}
      {links.error && <Failed error={links.error} onRetry={() => links.refetch()} />}
      {links.data && (
        <section aria-label={said.links} className="grid">
          {links.data.links.length === 0 && <p className="text-soft">{said.none}</p>}
          {links.data.links.map((link) => (
            <Row key={link.id} link={link} busy={revoke.isPending} onRevoke={() => revoke.mutate(link)} />
          ))}
        </section>
      )}
    </div>
  );
}

function Row({ link, busy, onRevoke }: { link: LinkBody; busy: boolean; onRevoke: () => void }) {
  const said = texts.pictures.share;
  return (
    <div className="flex min-h-12 items-center gap-2 border-t border-line py-1.5 first:border-t-0">
      <div className="min-w-0 flex-1">
        <a
          href={link.url}
          target="_blank"
          rel="noreferrer"
          className="block truncate text-[13px] underline-offset-2 hover:underline"
        >
          {link.url}
        </a>
        <span className="flex items-center gap-2 text-xs text-soft">
          <Badge tone={link.state === "open" ? "good" : "plain"}>{said.states[link.state]}</Badge>
          {link.state === "open" && (
            <span>
              {said.ends} <Moment at={link.expires_at} />
            </span>
          )}
        </span>
      </div>
      {link.state === "open" && (
        <>
          <Button size="small" onClick={() => copy(link.url, said.copied)}>
            <Copy className="size-3.5" aria-hidden />
            {said.copy}
          </Button>
          <Button size="small" look="danger" disabled={busy} onClick={onRevoke}>
            {said.revoke}
          </Button>
        </>
      )}
    </div>
  );
}
