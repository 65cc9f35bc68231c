/** A question that cannot be answered as it was asked; the message is for a user. */
export class QueryError extends Error {
  override readonly name = "QueryError";
}
