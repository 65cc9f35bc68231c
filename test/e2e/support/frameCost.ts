import type { Page } from "playwright-core";

/** Milliseconds a frame, on average, of what the browser's main thread does. */
export interface FrameCost {
  readonly script: number;
  readonly style: number;
  readonly layout: number;
  /** All of it, painting and what the browser does for itself included. */
  readonly all: number;
  /** From frame to frame, the drawing of pixels included, which is done in software here. */
  readonly median: number;
  readonly worst: number;
}

const COUNTERS = {
  script: "ScriptDuration",
  style: "RecalcStyleDuration",
  layout: "LayoutDuration",
  all: "TaskDuration",
} as const;

/** Scrolls an element, a step each frame, and tells what a frame costs. @param step pixels */
export async function costOfScrolling(page: Page, selector: string, step: number, frames: number): Promise<FrameCost> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const read = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return new Map(metrics.map(({ name, value }) => [name, value]));
  };
  const before = await read();
  const times = await page.evaluate(
    async ([target, by, count]) => {
      const scroller = document.querySelector(target)!;
      const all: number[] = [];
      for (let i = 0, last = performance.now(); i < count; i++) {
        scroller.scrollTop += by;
        const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
        all.push(now - last);
        last = now;
      }
      return all.slice(1).sort((a, b) => a - b);
    },
    [selector, step, frames] as const,
  );
  const after = await read();
  await session.detach();
  const each = (counter: string) => (1000 * ((after.get(counter) ?? 0) - (before.get(counter) ?? 0))) / frames;
  return {
    script: each(COUNTERS.script),
    style: each(COUNTERS.style),
    layout: each(COUNTERS.layout),
    all: each(COUNTERS.all),
    median: times[Math.floor(times.length / 2)]!,
    worst: times.at(-1)!,
  };
}
