/** A question that cannot be answered as it was asked; the message is for a user. */
export class QueryError extends Error {
  override readonly name: string = "QueryError";
}

/** The model takes no words. */
export class NoTextTowerError extends QueryError {
  override readonly name = "NoTextTowerError";
}
