import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { throttle } from "../../../src/engine/throttle.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the first call goes through at once, a burst ends in one more", () => {
  let calls = 0;
  const throttled = throttle(async () => void calls++, 100);
  for (let i = 0; i < 10; i++) throttled();
  expect(calls).toBe(1);
  vi.advanceTimersByTime(100);
  expect(calls).toBe(2);
  vi.advanceTimersByTime(1000);
  expect(calls).toBe(2);
});

test("nothing goes through after stop", () => {
  let calls = 0;
  const throttled = throttle(async () => void calls++, 100);
  throttled();
  throttled();
  throttled.stop();
  throttled();
  vi.advanceTimersByTime(1000);
  expect(calls).toBe(1);
});

test("a call that fails is dropped and does not end the process", async () => {
  const throttled = throttle(() => Promise.reject(new Error("no")), 100);
  throttled();
  await vi.advanceTimersByTimeAsync(500);
  throttled.stop();
});
