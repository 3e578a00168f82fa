import { CircleAlert, Lock, RefreshCw, SearchX, WifiOff } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { texts } from "@/texts";
import { Button } from "./Button";
import { classes } from "./classes";

/** A place where something will be, while it is read. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={classes("shimmer rounded-lg bg-well", className)} />;
}

/** While a screen is read: says so to whoever listens. */
export function Loading({ children }: { children?: ReactNode }) {
  return (
    <div role="status" aria-label={texts.common.loading} className="grid gap-4">
      {children ?? (
        <>
          <Skeleton className="h-8 w-56" />
          <Skeleton className="h-32" />
          <Skeleton className="h-32" />
        </>
      )}
    </div>
  );
}

/** There is nothing here yet: what would be, and what to do first. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="grid justify-items-center gap-3 rounded-2xl border border-dashed border-line px-6 py-14 text-center">
      {icon && <span className="text-soft [&_svg]:size-7">{icon}</span>}
      <h2 className="text-base font-semibold">{title}</h2>
      {children && <p className="max-w-md text-soft">{children}</p>}
      {action && <div className="mt-1">{action}</div>}
    </div>
  );
}

function iconOf(problem: Problem) {
  if (problem.status === 0) return <WifiOff aria-hidden />;
  if (problem.status === 403) return <Lock aria-hidden />;
  if (problem.status === 404) return <SearchX aria-hidden />;
  return <CircleAlert aria-hidden />;
}

/** In place of a screen that could not be read: why, and what to do. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = asProblem(error);
  const retry = onRetry && problem.status !== 403 && problem.status !== 404;
  return (
    <div role="alert">
      <Empty
        icon={iconOf(problem)}
        title={texts.problems.title(problem.status)}
        action={retry && <Retry problem={problem} onRetry={onRetry} />}
      >
        {problem.message}
        {problem.requestId && problem.status >= 500 && (
          <span className="mt-2 block text-xs">{texts.problems.tellOperator(problem.requestId)}</span>
        )}
      </Empty>
    </div>
  );
}

/** Why something that was asked for was not done, beside the button that asked. */
export function Refusal({ error, onRetry, className }: { error: unknown; onRetry?: () => void; className?: string }) {
  if (!error) return null;
  const problem = asProblem(error);
  return (
    <div
      role="alert"
      className={classes(
        "flex flex-wrap items-center justify-between gap-2 rounded-lg bg-bad-wash px-3 py-2 text-[13px] text-bad",
        className,
      )}
    >
      <span>{problem.message}</span>
      {onRetry && problem.passes && <Retry problem={problem} onRetry={onRetry} />}
    </div>
  );
}

function Retry({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const seconds = useSecondsUntil(problem.retryAt);
  return (
    <Button size="small" onClick={onRetry} disabled={seconds > 0}>
      <RefreshCw className="size-3.5" aria-hidden />
      {seconds > 0 ? texts.problems.retryIn(seconds) : texts.problems.retry}
    </Button>
  );
}

/** Whole seconds until a moment of this machine's clock, counting down; 0 once it has passed, or where there is none. */
export function useSecondsUntil(moment: number | null): number {
  const [seconds, setSeconds] = useState(() => secondsUntil(moment));
  useEffect(() => {
    setSeconds(secondsUntil(moment));
    const timer = setInterval(() => setSeconds(secondsUntil(moment)), 500);
    return () => clearInterval(timer);
  }, [moment]);
  return seconds;
}

const secondsUntil = (moment: number | null) =>
  moment === null ? 0 : Math.max(0, Math.ceil((moment - Date.now()) / 1000));
