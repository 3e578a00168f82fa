/** What programs may import. */
export { Atelier, type Submission } from "./client.js";
export {
  AtelierError,
  JobCanceled,
  JobFailed,
  NoStreams,
  Refused,
  UnexpectedAnswer,
  Unreachable,
} from "./errors.js";
export type {
  Accepted,
  Event,
  FileLink,
  Generate,
  Job,
  JobEvent,
  JobPicture,
  OwnEvent,
  Plan,
  WebhookMessage,
} from "./types.js";
