/** Neighbours that cannot be searched. The message is for the user: what happened and what to do next. */
export class NeighboursError extends Error {
  override readonly name = "NeighboursError";
}
