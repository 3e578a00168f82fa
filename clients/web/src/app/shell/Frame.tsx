import { Outlet, useMatches } from "@tanstack/react-router";
import { useEffect } from "react";
import { useAnnouncement } from "@/live/announcements";
import { LiveProvider } from "@/live/LiveProvider";
import { classes } from "@/parts/classes";
import { loadDialogs } from "@/parts/Dialog";
import { Toasts } from "@/parts/toasts";
import { SignInEnded } from "@/session/SignIn";
import { ShortcutList } from "@/shortcuts/ShortcutList";
import { texts } from "@/texts";
import { Connection } from "./Connection";
import { BottomBar, SideBar } from "./Navigation";

/** After so long the first screen is there, and what may be needed next is loaded. */
const CALM_MS = 3_000;

/** What is around every screen of somebody who is signed in. */
export function Frame() {
  const bare = useMatches().some((match) => match.staticData.bare);
  useEffect(() => {
    const timer = setTimeout(loadDialogs, CALM_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <LiveProvider>
      <button
        type="button"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-lg focus:bg-sheet focus:px-4 focus:py-2 focus:shadow-sheet"
        onClick={() => document.getElementById("content")?.focus()}
      >
        {texts.shell.skip}
      </button>
      <div className={bare ? "grid h-dvh" : "min-h-dvh md:grid md:grid-cols-[13.5rem_minmax(0,1fr)]"}>
        {!bare && <SideBar />}
        <div className={classes("flex min-h-0 min-w-0 flex-col", !bare && "pb-16 md:pb-0")}>
          <Connection />
          <main
            id="content"
            tabIndex={-1}
            className={classes("flex-1 outline-none", bare && "min-h-0 overflow-y-auto")}
          >
            <Outlet />
          </main>
        </div>
      </div>
      {!bare && <BottomBar />}
      <Toasts />
      <ShortcutList />
      <SignInEnded />
      <LiveRegion />
    </LiveProvider>
  );
}

function LiveRegion() {
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {useAnnouncement()}
    </p>
  );
}
