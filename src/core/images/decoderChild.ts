/** A process that decodes pictures and can be ended: what it is sent goes through native code that may never come back. */
import { endWithParent } from "../processes/index.ts";
import type { DecodeAnswer, DecodeRequest } from "./decoderProtocol.ts";
import { ImageError } from "./failures.ts";
import { withImageHere } from "./openHere.ts";
import { shrunk } from "./tame.ts";

process.on("message", async ({ id, bytes, side, seconds }: DecodeRequest) => {
  const watch = seconds === undefined ? undefined : endAfter(seconds, id);
  const answer = await decode(bytes, side);
  clearInterval(watch);
  process.send?.({ id, ...answer } satisfies DecodeAnswer);
});

endWithParent();

/** An exit would wait for the threads in which native code runs. */
function end(): void {
  process.kill(process.pid, "SIGKILL");
}

async function decode(bytes: Uint8Array, side: number) {
  try {
    const { result, partial } = await withImageHere(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
      side,
      (opened) => shrunk(opened, side),
    );
    return { picture: { ...result, partial } };
  } catch (error) {
    if (error instanceof ImageError) return { reason: error.message, kind: error.kind };
    return { reason: `it cannot be decoded (${String(error)})`, kind: undefined };
  }
}

/** By the processor's time: on a machine that has other things to do a picture is no slower. */
function endAfter(seconds: number, id: number): NodeJS.Timeout {
  const start = process.cpuUsage();
  const watch = setInterval(() => {
    const { user, system } = process.cpuUsage(start);
    if (user + system <= seconds * 1e6) return;
    clearInterval(watch);
    process.send?.({ id, late: true } satisfies DecodeAnswer, end);
  }, 50);
  return watch;
}
