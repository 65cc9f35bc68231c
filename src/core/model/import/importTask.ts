import type { ImportOptions, ImportReport } from "./importModel.ts";
import type { Inspection, InspectOptions } from "./inspect.ts";

/** What the process beside does with the files of others. */
export interface ImportTasks {
  inspect: { params: InspectOptions & { readonly file: string }; result: Inspection };
  import: { params: ImportOptions; result: ImportReport };
  /** Makes a model on the weights of a known network and writes it to `out`; answers the notes on what was found in them. */
  build: {
    params: {
      readonly weights: string;
      readonly descriptors: string;
      readonly name: string;
      readonly out: string;
    };
    result: readonly string[];
  };
}

export type ImportTask = keyof ImportTasks;

export interface ImportWork<K extends ImportTask = ImportTask> {
  readonly kind: K;
  readonly params: ImportTasks[K]["params"];
}

/** `known`: words for the user, to be said as they are; `values`: those of a `NothingToTakeError`. */
export interface ImportFailure {
  readonly known: boolean;
  readonly message: string;
  readonly details: string;
  readonly values: readonly string[] | null;
}

/** What the process tells: that it lives, twice a second, and in the end what came of its work. */
export type ImportMessage =
  | { readonly kind: "alive" }
  | { readonly kind: "done"; readonly result: unknown }
  | { readonly kind: "failed"; readonly failure: ImportFailure };
