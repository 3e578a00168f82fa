import type { IssuerBody } from "@openapi";
import { useQueryClient } from "@tanstack/react-query";
import { at } from "@/api/root";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { texts } from "@/texts";
import { issuersKnown, signIn } from "./issuers";
import { useIsLost } from "./token";

/** In place of the studio, as long as nobody is signed in. */
export function SignIn() {
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <div className="grid w-full max-w-sm gap-5 rounded-2xl border border-line bg-sheet p-8 text-center shadow-sheet">
        <img src={at("mark.svg")} alt="" width={48} height={48} className="justify-self-center" />
        <div>
          <h1 className="font-serif text-2xl font-semibold">{texts.common.studio}</h1>
          <p className="mt-1 text-soft">{texts.shell.signIn.lead}</p>
        </div>
        <Issuers />
      </div>
    </main>
  );
}

/** Over the page, when the studio does not take the sign-in any more: what is written below stays. */
export function SignInEnded() {
  const client = useQueryClient();
  const ended = useIsLost();
  return (
    <Dialog
      open={ended}
      onClose={() => client.invalidateQueries()}
      title={texts.shell.signIn.ended}
      description={texts.shell.signIn.endedLead}
    >
      <Issuers />
    </Dialog>
  );
}

function Issuers() {
  const issuers = issuersKnown();
  if (issuers.length === 0) return <p className="text-soft">{texts.shell.signIn.none}</p>;
  return (
    <div className="grid gap-2">
      {issuers.map((issuer) => (
        <Button key={issuer.issuer} look="primary" size="large" onClick={() => signIn(issuer)}>
          {texts.shell.signIn.at(hostOf(issuer))}
        </Button>
      ))}
    </div>
  );
}

const hostOf = (issuer: IssuerBody) => new URL(issuer.issuer).hostname;
