/** A training that cannot start or go on; the message says why, and what to do next. */
export class TrainingError extends Error {
  override readonly name = "TrainingError";
}
