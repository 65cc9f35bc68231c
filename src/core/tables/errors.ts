/** A table that cannot be used. The message is for the user: which file, what is wrong, what to do next. */
export class TableError extends Error {
  override readonly name = "TableError";
}
