/** An evaluation that cannot be made; the message says why, and what to do next. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}
