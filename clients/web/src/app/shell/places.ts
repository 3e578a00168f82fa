import type { Role } from "@openapi";
import {
  Brush,
  FileSearch,
  FolderHeart,
  Gauge,
  GraduationCap,
  Images,
  Layers,
  Library,
  Scale,
  UserRound,
} from "lucide-react";
import { texts } from "@/texts";

/** The places of the studio, in the order of the navigation. `roles`: who finds it there; admins find all. */
export interface Place {
  to:
    | "/"
    | "/app/work"
    | "/app/collections"
    | "/app/batches"
    | "/app/verify"
    | "/app/judge"
    | "/app/training"
    | "/app/library"
    | "/app/operations"
    | "/app/me";
  label: string;
  icon: typeof Brush;
  /** Goes there when pressed after `g`. */
  key: string;
  roles: readonly Role[] | null;
  /** Other addresses that belong to it, by their beginnings. */
  also?: readonly string[];
  /** On a phone it is below "More". */
  rare?: boolean;
}

export const PLACES: readonly Place[] = [
  { to: "/", label: texts.shell.create, icon: Brush, key: "c", roles: ["designer", "service"], also: ["/app/jobs"] },
  {
    to: "/app/work",
    label: texts.shell.work,
    icon: Images,
    key: "w",
    also: ["/app/images", "/app/compare"],
    roles: ["designer", "evaluator", "brand_engineer"],
  },
  {
    to: "/app/collections",
    label: texts.shell.collections,
    icon: FolderHeart,
    key: "f",
    roles: ["designer", "evaluator", "brand_engineer"],
  },
  { to: "/app/batches", label: texts.shell.batches, icon: Layers, key: "b", roles: ["designer"], rare: true },
  {
    to: "/app/verify",
    label: texts.shell.verify,
    icon: FileSearch,
    key: "v",
    roles: ["designer", "evaluator", "brand_engineer"],
    rare: true,
  },
  {
    to: "/app/judge",
    label: texts.shell.judge,
    icon: Scale,
    key: "j",
    roles: null,
    also: ["/app/experiments", "/app/champions", "/app/compare-ways", "/app/comparisons", "/app/prompt-sets"],
  },
  {
    to: "/app/training",
    label: texts.shell.training,
    icon: GraduationCap,
    key: "t",
    roles: ["designer", "brand_engineer"],
    rare: true,
  },
  { to: "/app/library", label: texts.shell.makers, icon: Library, key: "l", roles: null, rare: true },
  { to: "/app/operations", label: texts.shell.operators, icon: Gauge, key: "o", roles: ["operator"], rare: true },
  { to: "/app/me", label: texts.shell.me, icon: UserRound, key: "m", roles: null, rare: true, also: ["/app/spaces"] },
];

/** Whether an address of the app belongs to a place. */
export function belongs(path: string, place: Place): boolean {
  const within = (start: string) => path === start || path.startsWith(`${start}/`);
  return (place.to === "/" ? path === "/" : within(place.to)) || (place.also ?? []).some(within);
}
