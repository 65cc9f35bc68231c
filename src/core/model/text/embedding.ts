import type { TrialTensor } from "../import/trialProcess.ts";
import type { Tokens } from "./splitter.ts";
import type { TextManifest } from "./textManifest.ts";

/** What a tower is fed for a text. */
export function feedsOf(
  { ids, used }: Tokens,
  { ids: input, beside }: Pick<TextManifest, "ids" | "beside">,
): Record<string, TrialTensor> {
  const values = (holds: TextManifest["beside"][number]["holds"]) =>
    ids.map((_, i) => ({ mask: i < used ? 1 : 0, ones: 1, zeros: 0, places: i })[holds]);
  return Object.fromEntries([
    [input.name, ints(ids, input.type)],
    ...beside.map(({ name, type, holds }) => [name, ints(values(holds), type)]),
  ]);
}

function ints(values: readonly number[], type: "int64" | "int32"): TrialTensor {
  const data = type === "int64" ? BigInt64Array.from(values, BigInt) : Int32Array.from(values);
  return { type, data, dims: [1, values.length] };
}

/** The mean direction of embeddings, of norm 1; each counts the same, however long it is. */
export function averaged(embeddings: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const sum = new Float32Array(embeddings[0]!.length);
  for (const embedding of embeddings) {
    const norm = normOf(embedding);
    if (norm > 0) for (const [i, value] of embedding.entries()) sum[i] = sum[i]! + value / norm;
  }
  const norm = normOf(sum);
  return norm === 0 ? sum : sum.map((value) => value / norm);
}

function normOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
