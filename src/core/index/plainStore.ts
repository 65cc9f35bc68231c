import type { Store } from "./store.ts";

/**
 * A store whose failures are in words for people, whichever of its methods fails: what happened, to which file, what to do.
 * @param inPlainWords an error as one of those
 */
export function plainStore(store: Store, inPlainWords: (error: unknown) => unknown): Store {
  const rethrow = (error: unknown): never => {
    throw inPlainWords(error);
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
