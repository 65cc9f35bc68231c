import type { InputSpec } from "../../shared/index.ts";
import { readImageFile } from "./decode.ts";
import { DecoderEnded, DecoderProcess } from "./decoderProcess.ts";
import { ImageError } from "./failures.ts";

/** Milliseconds for one file: a decoder can also loop for ever. */
const PATIENCE = 60_000;

/**
 * Decodes files in a process of their own, one by one, and says which of them end it. libvips and the decoders below it
 * are native code: what they trip over can take the whole process along.
 * @returns for each file how the process ended; null where it did not, whether or not the file could be decoded
 */
export async function trialDecode(
  files: readonly string[],
  { width, height }: Pick<InputSpec, "width" | "height">,
  patience: number = PATIENCE,
): Promise<(string | null)[]> {
  const decoder = new DecoderProcess(1);
  const ends: (string | null)[] = [];
  try {
    for (const file of files) {
      ends.push(
        await readImageFile(file)
          .then((bytes) => decoder.decode(bytes, Math.max(width, height), Number.POSITIVE_INFINITY, patience))
          .then(() => null, endOf),
      );
    }
  } finally {
    decoder.end();
  }
  return ends;
}

function endOf(error: unknown): string | null {
  if (error instanceof ImageError) return null;
  if (!(error instanceof DecoderEnded)) throw error;
  return error.excess === "time" ? "it does not come to an end" : error.message;
}
