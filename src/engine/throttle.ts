export interface Throttled {
  (): void;
  /** Drops a call that is still waiting, and ignores later ones. */
  stop(): void;
}

/** Lets at most one call through per interval: the first at once, the last of a burst at the end of the interval. */
export function throttle(call: () => Promise<void>, interval: number): Throttled {
  let timer: NodeJS.Timeout | undefined;
  let again = false;
  let stopped = false;
  const run = () => {
    again = false;
    // Progress is not worth failing for; the request that it belongs to reports what went wrong.
    call().catch(() => {});
    timer = setTimeout(() => {
      timer = undefined;
      if (again) run();
    }, interval);
  };
  const throttled = () => {
    if (stopped) return;
    if (timer === undefined) run();
    else again = true;
  };
  throttled.stop = () => {
    stopped = true;
    again = false;
    clearTimeout(timer);
  };
  return throttled;
}
