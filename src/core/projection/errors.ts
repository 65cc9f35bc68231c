/** A projection that cannot be made or written. The message is for the user: what happened and what to do next. */
export class ProjectionError extends Error {
  override readonly name = "ProjectionError";
}
