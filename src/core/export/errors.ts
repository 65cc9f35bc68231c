/** Vectors that cannot be written; the message says to which file, why, and what to do next. */
export class ExportError extends Error {
  override readonly name = "ExportError";
}
