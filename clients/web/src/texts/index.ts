/**
 * Every sentence of the app, by screen. Another language is another object of the same shape; components say
 * `texts.create.submit` and never a sentence of their own.
 */
import { batch } from "./batch";
import { collections } from "./collections";
import { common, licences, problems } from "./common";
import { create } from "./create";
import { jobs } from "./jobs";
import { judge } from "./judge";
import { makers } from "./makers";
import { device, me } from "./me";
import { operators } from "./operators";
import { pictures } from "./pictures";
import { shell } from "./shell";
import { work } from "./work";

export const texts = {
  batch,
  collections,
  common,
  create,
  device,
  jobs,
  judge,
  licences,
  makers,
  me,
  operators,
  pictures,
  problems,
  shell,
  work,
} as const;
