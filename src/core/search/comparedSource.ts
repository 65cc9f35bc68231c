import { COMBINED } from "../../shared/index.ts";
import type { EmbeddingSource } from "./embeddingSource.ts";

/** One model of a comparison. */
export interface ComparedPart {
  /** Under which it is shown; unique. */
  readonly label: string;
  readonly source: EmbeddingSource;
}

/**
 * Two indexes of a folder as one, whose branches are the combined embeddings of two models: what is made of branches (maps on one
 * another, neighbours, what moved) is then made of models. It holds the images that both have indexed.
 * The embeddings of the first are held in memory while the second's are read.
 */
export function comparedSource(one: ComparedPart, other: ComparedPart): EmbeddingSource {
  const parts = [one, other];
  const labels = parts.map(({ label }, i) => {
    const repeats = i > 0 && label === one.label;
    return label === COMBINED || repeats ? `${label} (${i + 1})` : label;
  });
  return {
    model: {
      name: labels.join(" / "),
      fingerprint: parts.map(({ source }) => source.model.fingerprint).join("-"),
      descriptors: labels,
    },
    dims: parts.map(({ source }) => source.dims.reduce((sum, dim) => sum + dim, 0)),
    place: one.source.place,
    async paths() {
      const there = new Set(await one.source.paths());
      return (await other.source.paths()).filter((path) => there.has(path));
    },
    async *embeddings() {
      const first = new Map<string, Float32Array>();
      for await (const { path, embedding } of one.source.embeddings()) first.set(path, embedding.slice());
      for await (const { path, embedding } of other.source.embeddings()) {
        const own = first.get(path);
        if (own === undefined) continue;
        const both = new Float32Array(own.length + embedding.length);
        both.set(own);
        both.set(embedding, own.length);
        yield { path, embedding: both };
      }
    },
  };
}
