import { promises as fs } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { EVALUATION_PROTOCOLS, type ModelScore } from "../../shared/index.ts";
import { readRegularFile, writeFileAtomically } from "../files/index.ts";

/** Scores that are kept of a model: the latest of each data set, protocol and state. */
const MOST = 100;
/** A larger file is none of ours. Bytes. */
const LARGEST = 2 ** 20;

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const Score = v.object({
  on: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  protocol: v.picklist(EVALUATION_PROTOCOLS),
  state: v.picklist(["raw", "adapted", "trained"]),
  cropped: v.boolean(),
  queries: v.pipe(v.number(), v.integer(), v.minValue(1)),
  metrics: v.pipe(
    v.record(v.string(), share),
    v.check((metrics) => metrics["recall@1"] !== undefined || metrics["map@r"] !== undefined),
  ),
  measured: v.pipe(v.string(), v.isoTimestamp()),
}) satisfies v.GenericSchema<unknown, ModelScore>;

const ScoresFile = v.object({ format: v.literal(1), fingerprint: v.string(), scores: v.array(v.unknown()) });

/** Where the scores of a model lie: beside it, since its own file never changes. */
export function scoresFile(model: string): string {
  return join(dirname(model), `${basename(model, ".onnx")}.scores.json`);
}

/**
 * What was measured of a model. Scores of another model that had this name are none, nor is what is in a damaged file; what is no
 * score, such as a share above 1, is passed over.
 */
export async function readScores(file: string, fingerprint: string): Promise<ModelScore[]> {
  try {
    const { size } = await fs.stat(file);
    if (size > LARGEST) return [];
    const parsed = v.parse(ScoresFile, JSON.parse((await readRegularFile(file)).toString("utf8")));
    if (parsed.fingerprint !== fingerprint) return [];
    return parsed.scores.flatMap((score) => (v.is(Score, score) ? [score] : [])).slice(-MOST);
  } catch {
    return [];
  }
}

/** Adds scores; those of the same data, protocol, state and crop take the place of what was measured before. @throws FileError */
export async function addScores(file: string, fingerprint: string, added: readonly ModelScore[]): Promise<void> {
  const key = ({ on, protocol, state, cropped }: ModelScore) => JSON.stringify([on, protocol, state, cropped]);
  const all = new Map((await readScores(file, fingerprint)).map((score) => [key(score), score]));
  for (const score of added) {
    all.delete(key(score));
    all.set(key(score), score);
  }
  const scores = [...all.values()].slice(-MOST);
  const text = `${JSON.stringify({ format: 1, fingerprint, scores }, null, 2)}\n`;
  await writeFileAtomically(file, new TextEncoder().encode(text));
}
