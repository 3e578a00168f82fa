import { ShownOnce } from "@/parts/ShownOnce";
import { texts } from "@/texts";

const said = texts.webhooks.secret;

/** The secret of a webhook. */
export function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <ShownOnce secret={secret} said={said} onClose={onClose}>
      {said.use}
    </ShownOnce>
  );
}
