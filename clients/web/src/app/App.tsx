import type { IssuersBody } from "@openapi";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { api, told } from "@/api/client";
import { asProblem } from "@/api/problem";
import { at, ROOT } from "@/api/root";
import { Failed } from "@/parts/states";
import { openSession } from "@/session/issuers";
import { meQuery } from "@/session/me";
import { SignIn } from "@/session/SignIn";
import { handleKey } from "@/shortcuts/shortcuts";
import { texts } from "@/texts";
import { loadScreen, makeRouter } from "./routes";

const RETRIES = 3;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What may pass is tried again, and not before the studio said that it is worth it.
      retry: (times, error) => times < RETRIES && asProblem(error).passes,
      retryDelay: (times, error) => Math.max(500 * 2 ** times, (asProblem(error).retryAt ?? 0) - Date.now()),
    },
    mutations: { retry: false },
  },
});

/** What a link shows is for whoever has it: nobody is asked who they are. */
const SharedScreen = lazy(async () => ({ default: (await import("@/screens/shared/SharedScreen")).SharedScreen }));
const shared = /^shared\/([^/]+)$/.exec(location.pathname.slice(ROOT.pathname.length))?.[1] ?? null;
const router = makeRouter(client);
if (!shared) loadScreen(router);

export function App() {
  return (
    <QueryClientProvider client={client}>
      {shared ? (
        <Suspense fallback={<Opening />}>
          <SharedScreen token={shared} />
        </Suspense>
      ) : (
        <Door />
      )}
    </QueryClientProvider>
  );
}

/** Nothing of the studio is asked before it is known how people sign in, and that this one has. */
function Door() {
  const issuers = useQuery({
    queryKey: ["issuers"],
    queryFn: () => told<IssuersBody>(api.GET("/auth/issuers")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (issuers.data) openSession(issuers.data.issuers, issuers.data.needed).then(() => setOpen(true));
  }, [issuers.data]);
  if (issuers.error) return <Alone error={issuers.error} onRetry={() => issuers.refetch()} />;
  return open ? <Studio /> : <Opening />;
}

function Studio() {
  const me = useQuery(meQuery);
  useEffect(() => {
    addEventListener("keydown", handleKey);
    return () => removeEventListener("keydown", handleKey);
  }, []);
  if (me.data) return <RouterProvider router={router} />;
  if (!me.error) return <Opening />;
  if (asProblem(me.error).status === 401) return <SignIn />;
  return <Alone error={me.error} onRetry={() => me.refetch()} />;
}

function Alone({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <main className="mx-auto grid min-h-dvh max-w-xl content-center p-6">
      <Failed error={error} onRetry={onRetry} />
    </main>
  );
}

/** The first moment; only somebody who waits sees it. */
function Opening() {
  return (
    <div role="status" aria-label={texts.common.loading} className="late grid min-h-dvh place-items-center">
      <img src={at("mark.svg")} alt="" width={40} height={40} className="shimmer" />
    </div>
  );
}
