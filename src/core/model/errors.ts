/** A model file that cannot be used. The message is for the user: what happened, which file, what to do next. */
export class ModelError extends Error {
  override readonly name = "ModelError";
}
