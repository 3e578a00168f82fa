import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { ROOT } from "@/api/root";
import { Crashed, NotFound } from "./Crashed";
import { Frame } from "./shell/Frame";

/** The table of screens. Each is loaded when it is first opened; what is in the address is read by its `validateSearch`. */
const root = createRootRouteWithContext<{ client: QueryClient }>()({
  notFoundComponent: NotFound,
  errorComponent: Crashed,
});

/** Everything but what is shown to people outside. */
const studio = createRoute({ getParentRoute: () => root, id: "studio", component: Frame });

const create = createRoute({
  getParentRoute: () => studio,
  path: "/",
  component: lazyRouteComponent(() => import("@/screens/create/CreateScreen"), "CreateScreen"),
});
const job = createRoute({
  getParentRoute: () => studio,
  path: "/app/jobs/$jobId",
  component: lazyRouteComponent(() => import("@/screens/create/JobScreen"), "JobScreen"),
});
const work = createRoute({
  getParentRoute: () => studio,
  path: "/app/work",
  component: lazyRouteComponent(() => import("@/screens/work/WorkScreen"), "WorkScreen"),
});
const collections = createRoute({
  getParentRoute: () => studio,
  path: "/app/collections",
  component: lazyRouteComponent(() => import("@/screens/collections/CollectionsScreen"), "CollectionsScreen"),
});
const batches = createRoute({
  getParentRoute: () => studio,
  path: "/app/batches",
  component: lazyRouteComponent(() => import("@/screens/batches/BatchesScreen"), "BatchesScreen"),
});
const newBatch = createRoute({
  getParentRoute: () => studio,
  path: "/app/batches/new",
  component: lazyRouteComponent(() => import("@/screens/batches/NewBatchScreen"), "NewBatchScreen"),
});
const batch = createRoute({
  getParentRoute: () => studio,
  path: "/app/batches/$batchId",
  component: lazyRouteComponent(() => import("@/screens/batches/BatchScreen"), "BatchScreen"),
});
const judge = createRoute({
  getParentRoute: () => studio,
  path: "/app/judge",
  component: lazyRouteComponent(() => import("@/screens/judge/JudgeScreen"), "JudgeScreen"),
});
const library = createRoute({
  getParentRoute: () => studio,
  path: "/app/library",
  component: lazyRouteComponent(() => import("@/screens/makers/MakersScreen"), "MakersScreen"),
});
const operations = createRoute({
  getParentRoute: () => studio,
  path: "/app/operations",
  component: lazyRouteComponent(() => import("@/screens/operators/OperationsScreen"), "OperationsScreen"),
});
const me = createRoute({
  getParentRoute: () => studio,
  path: "/app/me",
  component: lazyRouteComponent(() => import("@/screens/me/MeScreen"), "MeScreen"),
});
const device = createRoute({
  getParentRoute: () => studio,
  path: "/device",
  component: lazyRouteComponent(() => import("@/screens/device/DeviceScreen"), "DeviceScreen"),
});
/** Any other address of the app. */
const nowhere = createRoute({ getParentRoute: () => studio, path: "/app/$", component: NotFound });

const tree = root.addChildren([
  studio.addChildren([
    create,
    job,
    work,
    collections,
    batches,
    newBatch,
    batch,
    judge,
    library,
    operations,
    me,
    device,
    nowhere,
  ]),
]);

export const makeRouter = (client: QueryClient) =>
  createRouter({
    routeTree: tree,
    basepath: ROOT.pathname,
    context: { client },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultErrorComponent: Crashed,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
