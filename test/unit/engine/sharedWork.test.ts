import { expect, test } from "vitest";
import { SharedWork } from "../../../src/engine/sharedWork.ts";

function work() {
  let finish = (_value: string) => {};
  let fail = (_error: Error) => {};
  let stopped = false;
  const shared = new SharedWork<string>(
    (signal) =>
      new Promise((resolve, reject) => {
        finish = resolve;
        fail = reject;
        signal.addEventListener("abort", () => {
          stopped = true;
          reject(signal.reason);
        });
      }),
  );
  return {
    shared,
    finish: (value: string) => finish(value),
    fail: (error: Error) => fail(error),
    stopped: () => stopped,
  };
}

test("who leaves is told at once; the work goes on for who stays", async () => {
  const { shared, finish, stopped } = work();
  const one = new AbortController();
  const two = new AbortController();
  const waiting = [shared.wait(one.signal), shared.wait(two.signal)];
  one.abort(new Error("enough"));
  await expect(waiting[0]).rejects.toThrow("enough");
  expect([stopped(), shared.stopped]).toEqual([false, false]);
  finish("here");
  expect(await waiting[1]).toBe("here");
  // It is there for whoever asks later; a cancel after the end is nothing.
  two.abort();
  expect(await shared.wait()).toBe("here");
  expect(shared.stopped).toBe(false);
});

test("the last one who leaves stops it", async () => {
  const { shared, stopped } = work();
  const all = [new AbortController(), new AbortController()];
  const waiting = all.map(({ signal }) => shared.wait(signal));
  let forgotten = false;
  shared.onFailure(() => {
    forgotten = true;
  });
  for (const each of all) each.abort(new Error("enough"));
  for (const each of waiting) await expect(each).rejects.toThrow("enough");
  expect([stopped(), shared.stopped, forgotten]).toEqual([true, true, true]);
  await expect(shared.wait(AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
});

test("who waits without a signal keeps it going, and hears of a failure", async () => {
  const { shared, fail, stopped } = work();
  const one = new AbortController();
  const waiting = shared.wait();
  const left = shared.wait(one.signal);
  one.abort();
  await expect(left).rejects.toThrow(/abort/i);
  expect(stopped()).toBe(false);
  fail(new Error("unreadable"));
  await expect(waiting).rejects.toThrow("unreadable");
});
