import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type Sharp from "sharp";
import type { InputSpec } from "../../shared/index.ts";
import { startServer } from "../processes/index.ts";

type Size = Pick<InputSpec, "width" | "height">;

/** Milliseconds for one file: a decoder can also loop for ever. */
const PATIENCE = 60_000;

/**
 * Decodes files in a process of their own, one by one, and says which of them end it. libvips and the decoders below it
 * are native code: what they trip over can take the whole process along.
 * @returns for each file how the process ended; null where it did not, whether or not the file could be decoded
 */
export async function trialDecode(
  files: readonly string[],
  { width, height }: Size,
  patience: number = PATIENCE,
): Promise<(string | null)[]> {
  const ends: (string | null)[] = [];
  let child: ChildProcess | undefined;
  try {
    for (const file of files) {
      child ??= startServer(serve, "sharp");
      const end = await tryOne(child, { file, width, height }, patience);
      if (end !== null) child = undefined;
      ends.push(end);
    }
  } finally {
    child?.kill();
  }
  return ends;
}

type Trial = Size & { readonly file: string };

async function tryOne(child: ChildProcess, trial: Trial, patience: number): Promise<string | null> {
  const abort = new AbortController();
  const { signal } = abort;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, patience);
  const ended = once(child, "exit", { signal }).then(([code, by]) =>
    late ? "it does not come to an end" : (by ?? `exit code ${code}`),
  );
  const done = once(child, "message", { signal }).then(() => null);
  try {
    child.send(trial, () => {});
    return await Promise.race([ended, done]);
  } finally {
    clearTimeout(timer);
    abort.abort();
    await Promise.allSettled([ended, done]);
  }
}

/** Runs in the other process, which gets its text: it may use nothing but its parameters. */
function serve(sharp: typeof Sharp, self: NodeJS.Process): void {
  self.on("message", ({ file, width, height }: Trial) => {
    const answer = () => self.send?.("done");
    sharp(file, { failOn: "error" })
      .autoOrient()
      .flatten()
      .toColourspace("srgb")
      .resize(width, height, { fit: "fill" })
      .raw({ depth: "uchar" })
      .toBuffer()
      .then(answer, answer);
  });
  self.on("disconnect", () => self.exit());
}
