/** What the tests of a session share. */
import { plainQuery } from "../../../src/extension/similar/query.ts";
import type { SessionHost } from "../../../src/extension/similar/session.ts";
import type {
  FolderStatus,
  IndexSummary,
  SimilarQuery,
  SimilarResult,
  SimilarState,
} from "../../../src/shared/index.ts";

export const MODEL = { name: "m", fingerprint: "new", descriptors: ["mac", "gem"] };

export function statusOf(folder: string, indexed: number): FolderStatus {
  return {
    folder,
    indexed,
    device: "cpu",
    deviceReport: { asked: "auto", used: "cpu", reason: null, tried: [], batch: 8 },
    progress: null,
    model: MODEL,
  } as unknown as FolderStatus;
}

/** An engine whose searches end when they are told to. */
export function sessionHost() {
  const pending: { query: SimilarQuery; answer: () => void; fail: (error: Error) => void }[] = [];
  const states: SimilarState[] = [];
  const fake: SessionHost = {
    status: async (folder) => statusOf(folder, 5),
    similar: (_, query) =>
      new Promise<SimilarResult>((resolve, reject) => {
        const result = {
          query: query.examples[0]?.image ?? "",
          weights: query.weights ?? {},
          model: MODEL,
        } as unknown as SimilarResult;
        pending.push({ query, answer: () => resolve(result), fail: reject });
      }),
    index: async () => ({ indexed: 0, updated: 0, removed: 0 }) as IndexSummary,
    mayIndex: () => true,
    isCancellation: () => false,
    failureText: (error) => (error as Error).message,
    texts: {
      untrusted: "",
      noImages: "",
      firstLook: (looked, found) => `first ${looked} of ${found}`,
      cancelled: "",
      comparing: () => "",
      notAdapted: () => "",
      weightsDropped: (names, model) => `${model} without ${names.join()}`,
    },
    changed: (state) => states.push(state),
    now: () => 0,
  };
  return { fake, pending, states };
}

export const QUERY = plainQuery(["/images/q.png"]);
/** A promise that is resolved from outside. */
export function deferred<T>(): { readonly promise: Promise<T>; resolve(value: T): void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
