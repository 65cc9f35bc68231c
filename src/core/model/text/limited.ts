import vm from "node:vm";

/** Milliseconds: a text takes less than one, building a vocabulary of a quarter million seconds. */
const PATIENCE = 30_000;

const place: { work: () => unknown } = { work: () => undefined };
const context = vm.createContext(place);
const script = new vm.Script("work()");

/**
 * Runs work that a file of others decides on, as the patterns of a tokenizer do: one that goes on for ever ends with an error.
 * @throws what the work throws, or where it takes longer than `patience` milliseconds
 */
export function limited<T>(work: () => T, patience = PATIENCE): T {
  let result: { readonly value: T } | undefined;
  place.work = () => {
    result = { value: work() };
  };
  script.runInContext(context, { timeout: patience });
  return result!.value;
}
