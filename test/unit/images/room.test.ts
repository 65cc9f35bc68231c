import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Room } from "../../../src/core/images/room.ts";

test("never holds more than fits, lets in by the order of asking, and lets everybody in at last", async () => {
  const size = fc.integer({ min: 0, max: 150 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(size, fc.nat(4), fc.boolean()), { maxLength: 30 }), async (all) => {
      const room = new Room(100);
      const entered: number[] = [];
      let held = 0;
      const done = all.map(([size, turns, fails], i) =>
        room.hold(size, async () => {
          entered.push(i);
          held += Math.min(100, size);
          expect(held).toBeLessThanOrEqual(100);
          for (let turn = 0; turn < turns; turn++) await setImmediate();
          held -= Math.min(100, size);
          if (fails) throw new Error("damaged");
          return i;
        }),
      );
      const ends = await Promise.allSettled(done);
      expect(ends.map(({ status }) => status)).toEqual(all.map(([, , fails]) => (fails ? "rejected" : "fulfilled")));
      expect(entered).toEqual(all.map((_, i) => i));
    }),
  );
});

test("what fits is held at the same time", async () => {
  const room = new Room(100);
  let together = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++together);
    await setImmediate();
    together--;
  };
  await Promise.all([30, 30, 40, 10].map((size) => room.hold(size, work)));
  expect(most).toBe(3);
});
