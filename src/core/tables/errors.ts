import { printable } from "../../shared/index.ts";
import { LIMITS } from "./limits.ts";

/**
 * A table that cannot be used. The message is for the user: which file, what is wrong, what to do next. Names and values of
 * the file in it are made printable; details are in the `cause`.
 */
export class TableError extends Error {
  override readonly name = "TableError";

  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
  }
}

export function tooManyColumns(file: string): TableError {
  return new TableError(`${file} has more than ${LIMITS.columns} columns. Choose a smaller table.`);
}
