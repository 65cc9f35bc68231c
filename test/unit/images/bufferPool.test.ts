import { expect, test } from "vitest";
import { BufferPool } from "../../../src/core/images/index.ts";

test("a buffer that was given back serves again, cut to the length that is asked for", () => {
  const pool = new BufferPool(2);
  const first = pool.take(1000);
  expect(first.length).toBe(1000);
  const second = pool.take(1000);
  expect(second.buffer).not.toBe(first.buffer);
  pool.give(first);
  const again = pool.take(200_000);
  expect(again.buffer).toBe(first.buffer);
  expect(again.length).toBe(200_000);
});

test("too small a buffer is not used; few are kept, the larger ones; a huge one never", () => {
  const pool = new BufferPool(1);
  const small = pool.take(10);
  const large = pool.take(1 << 20);
  pool.give(large);
  pool.give(small);
  expect(pool.take(10).buffer).toBe(large.buffer);
  expect(pool.take(1 << 20).buffer).not.toBe(small.buffer);
  const huge = pool.take((1 << 25) + 1);
  pool.give(huge);
  expect(pool.take(10).buffer).not.toBe(huge.buffer);
});
