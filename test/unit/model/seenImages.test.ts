import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeSeen, joinSeen, SeenImages } from "../../../src/core/model/index.ts";

const hashOf = (text: string) => createHash("sha256").update(text).digest();
const trained = (seen?: string) =>
  SeenImages.of({ method: "trained", images: 1, ...(seen === undefined ? {} : { seen }) });

test("a model knows each image that it learned from, and no other; the order tells nothing", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 40 }), fc.uniqueArray(fc.string()), (learned, others) => {
      const seen = encodeSeen(learned.map(hashOf));
      expect(encodeSeen(learned.toReversed().map(hashOf))).toBe(seen);
      const known = trained(seen)!;
      for (const each of learned) expect(known.has(hashOf(each))).toBe(true);
      for (const each of others) expect(known.has(hashOf(each))).toBe(learned.includes(each));
    }),
  );
});

test("what the model learned from that it was made of is among them", () => {
  const [a, b] = [encodeSeen([hashOf("a")]), encodeSeen([hashOf("b"), hashOf("a")])];
  expect(joinSeen(a, b)).toBe(b);
  expect(joinSeen(undefined, a)).toBe(a);
  expect(trained(joinSeen(a, encodeSeen([hashOf("c")])))!.has(hashOf("a"))).toBe(true);
});

test("a model that does not say what it learned from is not taken for one that learned from nothing", () => {
  expect(trained()).toBeNull();
  expect(SeenImages.of(null)).toBeNull();
  expect(trained("")!.has(hashOf("a"))).toBe(false);
});
