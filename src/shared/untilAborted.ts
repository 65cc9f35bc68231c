/** Waiting that a signal ends: what is under way goes on until it looks at the signal itself, and nobody waits for it. */

/** What an AbortSignal is of it, which not every place of these types knows. */
interface Ending {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** @throws what `work` throws; the signal's reason, at once */
export function orAborted<T>(work: Promise<T>, signal: Ending | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener("abort", leave);
    if (signal.aborted) leave();
    // A listener that stayed would hold each piece of work as long as the signal.
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}

/** What comes one after the other, until the signal aborts. @throws the signal's reason, without waiting for the next one */
export async function* untilAborted<T>(items: AsyncIterable<T>, signal: Ending | undefined): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const next = await orAborted(iterator.next(), signal);
      isOver = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    if (!isOver) void iterator.return?.().catch(() => {});
  }
}
