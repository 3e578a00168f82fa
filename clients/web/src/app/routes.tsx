import type { QueryClient } from "@tanstack/react-query";
import {
  type AnyRoute,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { ROOT } from "@/api/root";
import { readCompare } from "@/screens/compare/comparison";
import { readSearch as readExperimentSearch } from "@/screens/judge/experiments/search";
import { readChampionSearch, readNextSearch, readSetSearch } from "@/screens/judge/search";
import { readEntrySearch, readNewSearch } from "@/screens/makers/search";
import { readAuditSearch, readQuotaSearch } from "@/screens/operators/search";
import { readReplaySearch } from "@/screens/replays/search";
import { readDatasetSearch, readOrderSearch, readTrainingSearch } from "@/screens/training/search";
import { readSearch } from "@/screens/work/search";
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
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import("@/screens/work/WorkScreen"), "WorkScreen"),
});
const picture = createRoute({
  getParentRoute: () => studio,
  path: "/app/images/$assetId",
  component: lazyRouteComponent(() => import("@/screens/work/PictureScreen"), "PictureScreen"),
});
const replays = createRoute({
  getParentRoute: () => studio,
  path: "/app/images/$assetId/replays",
  validateSearch: readReplaySearch,
  component: lazyRouteComponent(() => import("@/screens/replays/ReplaysScreen"), "ReplaysScreen"),
});
const compare = createRoute({
  getParentRoute: () => studio,
  path: "/app/compare",
  validateSearch: readCompare,
  component: lazyRouteComponent(() => import("@/screens/compare/CompareScreen"), "CompareScreen"),
});
const collections = createRoute({
  getParentRoute: () => studio,
  path: "/app/collections",
  component: lazyRouteComponent(() => import("@/screens/collections/CollectionsScreen"), "CollectionsScreen"),
});
const collection = createRoute({
  getParentRoute: () => studio,
  path: "/app/collections/$collectionId",
  component: lazyRouteComponent(() => import("@/screens/collections/CollectionScreen"), "CollectionScreen"),
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
const verify = createRoute({
  getParentRoute: () => studio,
  path: "/app/verify",
  component: lazyRouteComponent(() => import("@/screens/verify/VerifyScreen"), "VerifyScreen"),
});
const judge = createRoute({
  getParentRoute: () => studio,
  path: "/app/judge",
  component: lazyRouteComponent(() => import("@/screens/judge/JudgeScreen"), "JudgeScreen"),
});
const sitting = createRoute({
  getParentRoute: () => studio,
  path: "/app/judge/$experimentId",
  staticData: { bare: true },
  component: lazyRouteComponent(() => import("@/screens/judge/sitting/SittingScreen"), "SittingScreen"),
});
const experiments = createRoute({
  getParentRoute: () => studio,
  path: "/app/experiments",
  component: lazyRouteComponent(() => import("@/screens/judge/experiments/ExperimentsScreen"), "ExperimentsScreen"),
});
const newExperiment = createRoute({
  getParentRoute: () => studio,
  path: "/app/experiments/new",
  validateSearch: readNextSearch,
  component: lazyRouteComponent(() => import("@/screens/judge/experiments/NewExperimentScreen"), "NewExperimentScreen"),
});
const experiment = createRoute({
  getParentRoute: () => studio,
  path: "/app/experiments/$experimentId",
  validateSearch: readExperimentSearch,
  component: lazyRouteComponent(() => import("@/screens/judge/experiments/ExperimentScreen"), "ExperimentScreen"),
});
const champions = createRoute({
  getParentRoute: () => studio,
  path: "/app/champions",
  validateSearch: readChampionSearch,
  component: lazyRouteComponent(() => import("@/screens/judge/champions/ChampionsScreen"), "ChampionsScreen"),
});
const comparisons = createRoute({
  getParentRoute: () => studio,
  path: "/app/compare-ways",
  component: lazyRouteComponent(() => import("@/screens/judge/comparing/CompareScreen"), "CompareScreen"),
});
const newComparison = createRoute({
  getParentRoute: () => studio,
  path: "/app/compare-ways/new",
  validateSearch: readSetSearch,
  component: lazyRouteComponent(() => import("@/screens/judge/comparing/NewComparisonScreen"), "NewComparisonScreen"),
});
const comparison = createRoute({
  getParentRoute: () => studio,
  path: "/app/compare-ways/$comparisonId",
  component: lazyRouteComponent(() => import("@/screens/judge/comparing/ComparisonScreen"), "ComparisonScreen"),
});
const promptSets = createRoute({
  getParentRoute: () => studio,
  path: "/app/prompt-sets",
  validateSearch: readSetSearch,
  component: lazyRouteComponent(() => import("@/screens/judge/prompts/PromptSetsScreen"), "PromptSetsScreen"),
});
const trainings = createRoute({
  getParentRoute: () => studio,
  path: "/app/training",
  component: lazyRouteComponent(() => import("@/screens/training/runs/TrainingsScreen"), "TrainingsScreen"),
});
const newTraining = createRoute({
  getParentRoute: () => studio,
  path: "/app/training/new",
  validateSearch: readOrderSearch,
  component: lazyRouteComponent(() => import("@/screens/training/order/NewTrainingScreen"), "NewTrainingScreen"),
});
const training = createRoute({
  getParentRoute: () => studio,
  path: "/app/training/runs/$trainingId",
  validateSearch: readTrainingSearch,
  component: lazyRouteComponent(() => import("@/screens/training/runs/TrainingScreen"), "TrainingScreen"),
});
const datasets = createRoute({
  getParentRoute: () => studio,
  path: "/app/training/datasets",
  component: lazyRouteComponent(() => import("@/screens/training/datasets/DatasetsScreen"), "DatasetsScreen"),
});
const newDataset = createRoute({
  getParentRoute: () => studio,
  path: "/app/training/datasets/new",
  component: lazyRouteComponent(() => import("@/screens/training/datasets/NewDatasetScreen"), "NewDatasetScreen"),
});
const dataset = createRoute({
  getParentRoute: () => studio,
  path: "/app/training/datasets/$datasetId",
  validateSearch: readDatasetSearch,
  component: lazyRouteComponent(() => import("@/screens/training/datasets/DatasetScreen"), "DatasetScreen"),
});
const library = createRoute({
  getParentRoute: () => studio,
  path: "/app/library",
  component: lazyRouteComponent(() => import("@/screens/makers/MakersScreen"), "MakersScreen"),
});
const libraryStart = createRoute({
  getParentRoute: () => library,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/app/library/$kind", params: { kind: "asset-types" }, replace: true });
  },
});
const models = createRoute({
  getParentRoute: () => library,
  path: "models",
  component: lazyRouteComponent(() => import("@/screens/makers/ModelsScreen"), "ModelsScreen"),
});
const entries = createRoute({
  getParentRoute: () => library,
  path: "$kind",
  component: lazyRouteComponent(() => import("@/screens/makers/EntriesScreen"), "EntriesScreen"),
});
const newEntry = createRoute({
  getParentRoute: () => library,
  path: "add/$kind",
  validateSearch: readNewSearch,
  component: lazyRouteComponent(() => import("@/screens/makers/NewEntryScreen"), "NewEntryScreen"),
});
const entry = createRoute({
  getParentRoute: () => library,
  path: "$kind/$entryId",
  validateSearch: readEntrySearch,
  component: lazyRouteComponent(() => import("@/screens/makers/EntryScreen"), "EntryScreen"),
});
const editEntry = createRoute({
  getParentRoute: () => library,
  path: "$kind/$entryId/edit",
  component: lazyRouteComponent(() => import("@/screens/makers/EditEntryScreen"), "EditEntryScreen"),
});
const operations = createRoute({
  getParentRoute: () => studio,
  path: "/app/operations",
  component: lazyRouteComponent(() => import("@/screens/operators/OperationsScreen"), "OperationsScreen"),
});
const running = createRoute({
  getParentRoute: () => operations,
  path: "/",
  component: lazyRouteComponent(() => import("@/screens/operators/RunningScreen"), "RunningScreen"),
});
const people = createRoute({
  getParentRoute: () => operations,
  path: "people",
  component: lazyRouteComponent(() => import("@/screens/operators/PeopleScreen"), "PeopleScreen"),
});
const quotas = createRoute({
  getParentRoute: () => operations,
  path: "quotas",
  validateSearch: readQuotaSearch,
  component: lazyRouteComponent(() => import("@/screens/operators/QuotasScreen"), "QuotasScreen"),
});
const spaces = createRoute({
  getParentRoute: () => operations,
  path: "spaces",
  component: lazyRouteComponent(() => import("@/screens/operators/SpacesScreen"), "SpacesScreen"),
});
const audit = createRoute({
  getParentRoute: () => operations,
  path: "audit",
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import("@/screens/operators/AuditScreen"), "AuditScreen"),
});
const licences = createRoute({
  getParentRoute: () => operations,
  path: "licences",
  component: lazyRouteComponent(() => import("@/screens/operators/LicencesScreen"), "LicencesScreen"),
});
const me = createRoute({
  getParentRoute: () => studio,
  path: "/app/me",
  component: lazyRouteComponent(() => import("@/screens/me/MeScreen"), "MeScreen"),
});
const webhooks = createRoute({
  getParentRoute: () => studio,
  path: "/app/me/webhooks",
  component: lazyRouteComponent(() => import("@/screens/webhooks/WebhooksScreen"), "WebhooksScreen"),
});
const webhook = createRoute({
  getParentRoute: () => studio,
  path: "/app/me/webhooks/$webhookId",
  component: lazyRouteComponent(() => import("@/screens/webhooks/WebhookScreen"), "WebhookScreen"),
});
const ledSpaces = createRoute({
  getParentRoute: () => studio,
  path: "/app/spaces",
  component: lazyRouteComponent(() => import("@/screens/spaces/LedSpacesScreen"), "LedSpacesScreen"),
});
const device = createRoute({
  getParentRoute: () => studio,
  path: "/device",
  validateSearch: ({ user_code }: Record<string, unknown>): { user_code?: string } =>
    user_code === undefined ? {} : { user_code: String(user_code) },
  component: lazyRouteComponent(() => import("@/screens/device/DeviceScreen"), "DeviceScreen"),
});
/** Any other address of the app. */
const nowhere = createRoute({ getParentRoute: () => studio, path: "/app/$", component: NotFound });

const tree = root.addChildren([
  studio.addChildren([
    create,
    job,
    work,
    picture,
    replays,
    compare,
    collections,
    collection,
    batches,
    newBatch,
    batch,
    verify,
    judge,
    sitting,
    experiments,
    newExperiment,
    experiment,
    champions,
    comparisons,
    newComparison,
    comparison,
    promptSets,
    trainings,
    newTraining,
    training,
    datasets,
    newDataset,
    dataset,
    library.addChildren([libraryStart, models, entries, newEntry, entry, editEntry]),
    operations.addChildren([running, people, quotas, spaces, audit, licences]),
    me,
    webhooks,
    webhook,
    ledSpaces,
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

/** Loads the code of the screen that the address names, while it is still being asked who looks. */
export function loadScreen(router: ReturnType<typeof makeRouter>): void {
  const routes: Record<string, AnyRoute | undefined> = router.routesById;
  for (const { routeId } of router.matchRoutes(router.latestLocation)) {
    routes[routeId]?.options.component?.preload?.();
  }
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
  interface StaticDataRouteOption {
    /** The screen has the whole window: no places around it. */
    bare?: boolean;
  }
}
