/** A model that cannot be trained as asked. The message is for the user: what stands in the way, in which model, what to do. */
export class CannotTrainError extends Error {
  override readonly name = "CannotTrainError";
}
