import { expect, test } from "vitest";
import { type Embedder, EmbedderPool } from "../../../src/core/runtime/index.ts";

/** Stands for a loaded model; nothing of it is run. */
const loaded = () => ({ release: async () => {} }) as Embedder;

test("a file that was renamed is not loaded again, and takes the place of the one before", async () => {
  const loads: string[] = [];
  const pool = new EmbedderPool(async (file) => {
    loads.push(file);
    return loaded();
  });
  const before = await pool.get("adapted");
  const next = await pool.reload("next");
  pool.renamed("next", "adapted");
  expect(await pool.get("adapted")).toBe(next);
  expect(await pool.get("adapted")).not.toBe(before);
  expect(loads).toEqual(["adapted", "next"]);
  await pool.get("next");
  expect(loads).toEqual(["adapted", "next", "next"]);
});

test("what cannot be loaded is tried again at the next request", async () => {
  let whole = false;
  const pool = new EmbedderPool(async () => {
    if (!whole) throw new Error("damaged");
    return loaded();
  });
  await expect(pool.get("model")).rejects.toThrow("damaged");
  whole = true;
  await expect(pool.get("model")).resolves.toBeDefined();
});
