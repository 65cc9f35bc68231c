import { InferenceSession, Tensor } from "onnxruntime-node";
import type { TextLink } from "../../shared/index.ts";
import { ModelError } from "../model/index.ts";
import {
  averaged,
  feedsOf,
  PROMPTS,
  readTextTower,
  readTowerBytes,
  TEXT_OUTPUT,
  type TextManifest,
  TextTokens,
  type Tokens,
  textTowerFile,
} from "../model/text/index.ts";
import { failureReason } from "./failureReason.ts";
import { sessionOptions } from "./sessionOptions.ts";

/** Texts whose embeddings are kept: what a user tries one after the other. */
const KEPT = 200;

export interface EmbeddedText {
  /** Float32 `[dim]` of norm 1. */
  readonly embedding: Float32Array;
  /** As the tokenizer saw the words themselves. */
  readonly tokens: Tokens;
}

/** A text tower that is loaded, on the CPU. */
export interface TextTower {
  readonly manifest: TextManifest;
  /**
   * @param prompts sentences with `{}` for the words, whose embeddings are averaged; those of the product where absent
   * @returns null where nothing is left of the text
   * @throws ModelError where the network fails
   */
  embed(text: string, prompts?: readonly string[]): Promise<EmbeddedText | null>;
  release(): Promise<void>;
}

/**
 * Loads the text tower of a model.
 * @param model its file
 * @throws ModelError where the tower is not there, is another one, or cannot be used
 */
export async function openTextTower(model: string, link: TextLink): Promise<TextTower> {
  const file = textTowerFile(model);
  const { manifest, tokenizer, bytes } = readTextTower(await readTowerBytes(file), file, link);
  const tokens = await TextTokens.open(tokenizer, manifest, file);
  const session = await InferenceSession.create(bytes, sessionOptions("cpu")).catch(async (error: unknown) => {
    await tokens.release();
    throw error;
  });
  const kept = new Map<string, EmbeddedText>();

  const run = async (text: Tokens): Promise<Float32Array> => {
    const feeds = Object.entries(feedsOf(text, manifest)).map(([name, { type, data, dims }]) => [
      name,
      new Tensor(type, data, dims),
    ]);
    try {
      const values = (await session.run(Object.fromEntries(feeds), [TEXT_OUTPUT]))[TEXT_OUTPUT]?.data;
      if (values instanceof Float32Array && values.length === manifest.dim) return values;
    } catch (cause) {
      throw new ModelError(`The text tower ${file} failed: ${failureReason(cause)}. Import the model again.`, {
        cause,
      });
    }
    throw new ModelError(`The text tower ${file} gives no vector of ${manifest.dim} values. Import the model again.`);
  };

  return {
    manifest,
    async embed(text, prompts = PROMPTS) {
      const key = JSON.stringify([text, prompts]);
      const before = kept.get(key);
      if (before !== undefined) return before;
      const own = await tokens.split(text);
      if (own === null) return null;
      const embeddings: Float32Array[] = [];
      // One by one: a tower that is quantised by its batch would give each sentence another embedding.
      for (const prompt of prompts) {
        const sentence = await tokens.split(prompt.replace("{}", () => text));
        if (sentence !== null) embeddings.push(await run(sentence));
      }
      const embedded = { embedding: averaged(embeddings), tokens: own };
      kept.set(key, embedded);
      if (kept.size > KEPT) kept.delete(kept.keys().next().value ?? "");
      return embedded;
    },
    async release() {
      await tokens.release();
      await session.release();
    },
  };
}
