import { inPlainWords } from "./sqliteFailures.ts";
import type { Store } from "./store.ts";

/** A store whose failures are in words for people, whichever of its methods fails: what happened, to which file, what to do. */
export function plainStore(store: Store): Store {
  const { place } = store;
  const rethrow = (error: unknown): never => {
    throw inPlainWords(place, error);
  };
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      if (name === "embeddings") return () => plainly(target.embeddings(), rethrow);
      return (...args: unknown[]) => (member.apply(target, args) as Promise<unknown>).catch(rethrow);
    },
  });
}

async function* plainly<T>(rows: AsyncIterable<T>, rethrow: (error: unknown) => never): AsyncGenerator<T> {
  try {
    yield* rows;
  } catch (error) {
    rethrow(error);
  }
}
