import { createHash } from "node:crypto";
import type { LabelledImage } from "../data/labelledImages.ts";
import type { RunContext } from "./context.ts";

/** Who takes the steps, and how, changes nothing in what is trained. */
const HOW: ReadonlySet<string> = new Set(["engine", "ranks", "precision", "python"]);
/** Options that earlier versions did not have; where they say nothing a checkpoint of before stays of use. */
const LATER: ReadonlySet<string> = new Set(["steps", "decaySteps"]);

/** What a checkpoint belongs to: the same options, images with a gradient, and model. */
export function runKey({ options, embedder }: RunContext, images: readonly LabelledImage[]): string {
  const files = images.map(({ path, label, size }) => [path, label, size]);
  // Read from a file they come in another order.
  const chosen = Object.entries(options)
    .filter(([name, value]) => !HOW.has(name) && !(LATER.has(name) && value === null))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const all = JSON.stringify([chosen, embedder.summary.fingerprint, files]);
  return createHash("sha256").update(all).digest("hex");
}
