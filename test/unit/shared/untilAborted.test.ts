import { expect, test } from "vitest";
import { orAborted, untilAborted } from "../../../src/shared/index.ts";

const never = new Promise<never>(() => {});

test("work is waited for until the signal aborts, and a failure afterwards is nobody's", async () => {
  const abort = new AbortController();
  expect(await orAborted(Promise.resolve(1), abort.signal)).toBe(1);
  await expect(orAborted(Promise.reject(new Error("of its own")), abort.signal)).rejects.toThrow("of its own");
  let fail = (_: Error) => {};
  const late = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const left = [never, late].map((work) => orAborted(work, abort.signal));
  abort.abort(new Error("left"));
  for (const each of left) await expect(each).rejects.toThrow("left");
  fail(new Error("too late"));
  await expect(orAborted(Promise.resolve(1), abort.signal)).rejects.toThrow("left");
  expect(await orAborted(Promise.resolve(2), undefined)).toBe(2);
});

test("of what comes one after the other the next one is not waited for, and nothing more is made", async () => {
  const made: number[] = [];
  async function* numbers(): AsyncGenerator<number> {
    for (let i = 0; ; i++) {
      made.push(i);
      yield i;
      if (i === 2) await never;
    }
  }
  const abort = new AbortController();
  const seen: number[] = [];
  await expect(async () => {
    for await (const i of untilAborted(numbers(), abort.signal)) {
      seen.push(i);
      if (i === 2) setTimeout(() => abort.abort(new Error("left")));
    }
  }).rejects.toThrow("left");
  expect([seen, made]).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
  let ended = false;
  async function* few(): AsyncGenerator<number> {
    try {
      yield 1;
      yield 2;
    } finally {
      ended = true;
    }
  }
  for await (const _ of untilAborted(few(), undefined)) break;
  await expect.poll(() => ended).toBe(true);
});
