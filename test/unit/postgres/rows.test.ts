import { f16round } from "@petamoriken/float16";
import { expect, test } from "vitest";
import { fromFloat16 } from "../../../src/core/index/float16.ts";
import { vectorText } from "../../../src/core/index/postgres/rows.ts";

test("each float16 goes to the server as a short text that comes back as it, rounded twice", () => {
  const bits = Uint16Array.from({ length: 1 << 16 }, (_, i) => i).filter((i) => (i & 0x7c00) !== 0x7c00);
  const values = new Float32Array(bits.length);
  fromFloat16(Buffer.from(bits.buffer), values);
  const text = vectorText(Buffer.from(bits.buffer), bits.length);
  expect(text).toMatch(/^\[.*\]$/);
  const written = text.slice(1, -1).split(",");
  expect(written).toHaveLength(values.length);
  // By way of float32, as pgvector reads it.
  const wrong = written.filter((each, i) => !Object.is(f16round(Math.fround(Number(each))), values[i]));
  expect(wrong).toEqual([]);
  expect(
    Math.max(...written.map((each) => each.replace(/e.*|[-.]/g, "").replace(/^0+|0+$/g, "").length)),
  ).toBeLessThanOrEqual(5);
});
