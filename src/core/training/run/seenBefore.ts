import { count, listed } from "../../../shared/index.ts";
import { encodeSeen, joinSeen, SeenImages } from "../../model/index.ts";
import type { Embedder } from "../../runtime/index.ts";
import { fileHashes } from "../data/fileHashes.ts";
import type { RunContext } from "./context.ts";

type Given = Pick<RunContext, "options" | "set" | "embedder" | "signal">;

/** The images that the model of a run learned labels from, and those that the model learned from that it started from. */
export async function seenIn({ options, set, embedder, signal }: Given): Promise<string | undefined> {
  const before = embedder.manifest.training?.seen;
  if (options.mode === "whiten") return before;
  const hashes = await fileHashes(options.folder, set.train, signal);
  return joinSeen(before, encodeSeen(hashes.filter((hash) => hash !== null)));
}

/**
 * Warns of test images that a model was trained on: what it finds there means little, and what is made of it neither.
 * @param role what the model is in this run
 */
export async function tellSeenBefore(
  { options, set, signal, emit }: Pick<Given, "options" | "set" | "signal"> & Pick<RunContext, "emit">,
  model: Pick<Embedder, "manifest" | "summary">,
  role: string,
): Promise<void> {
  const seen = SeenImages.of(model.manifest.training);
  if (seen === null) return;
  const hashes = await fileHashes(options.folder, set.test, signal);
  const known = set.test.filter((_, i) => hashes[i] != null && seen.has(hashes[i])).map(({ path }) => path);
  if (known.length === 0) return;
  emit({
    type: "warning",
    message:
      `${model.summary.name}, ${role}, was trained on ${count(known.length, "test image")}, which makes the test look better for it ` +
      `than it is: ${listed(known)}. Hold out what that training held out, or take another model.`,
  });
}
