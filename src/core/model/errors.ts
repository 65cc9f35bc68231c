/** A model file that cannot be used. The message is for the user: what happened, which file, what to do next. */
export class ModelError extends Error {
  override readonly name = "ModelError";
}

/** A network has no value that an import takes unasked; those that can be named are here. */
export class NothingToTakeError extends ModelError {
  readonly values: readonly string[];

  constructor(message: string, values: readonly string[]) {
    super(message);
    this.values = values;
  }
}
