/** A process that decodes pictures and can be ended: what it is sent goes through native code that may never come back. */
import { endWithParent } from "../processes/index.ts";
import { aboutHere, framesHere } from "./about.ts";
import type { DecodeAnswer, DecodePart, DecodeRequest, Excess } from "./decoderProtocol.ts";
import { ImageError } from "./failures.ts";
import { withImageHere } from "./openHere.ts";
import { shrunk } from "./tame.ts";

/** Bytes that the pictures under way may take, and what the process had before the first of them. */
const allowed = new Map<number, number>();
let before = 0;

/** Of files that have not come as a whole. */
const parts = new Map<number, Uint8Array[]>();

process.on("message", async (message: DecodeRequest | DecodePart) => {
  const { id } = message;
  if ("part" in message) return void parts.set(id, [...(parts.get(id) ?? []), message.part]);
  const { task, side, memory, seconds } = message;
  const bytes = whole(message);
  if (allowed.size === 0) before = process.memoryUsage.rss();
  allowed.set(id, memory);
  const watch = watched(id, seconds);
  const answer = await answered(task, bytes, side);
  clearInterval(watch);
  allowed.delete(id);
  process.send?.({ id, ...answer } satisfies DecodeAnswer);
});

endWithParent();

function whole({ id, bytes }: DecodeRequest): Buffer {
  const before = parts.get(id);
  parts.delete(id);
  return before === undefined
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    : Buffer.concat([...before, bytes]);
}

/** An exit would wait for the threads in which native code runs. */
function end(): void {
  process.kill(process.pid, "SIGKILL");
}

async function answered(task: DecodeRequest["task"], bytes: Buffer, side: number) {
  try {
    if (task === "about") return { result: await aboutHere(bytes) };
    if (task === "frames") return { result: await framesHere(bytes, side) };
    const { result, partial } = await withImageHere(bytes, side, (opened) => shrunk(opened, side));
    return { result: { ...result, partial } };
  } catch (error) {
    if (error instanceof ImageError) return { reason: error.message, kind: error.kind };
    return { reason: `it cannot be decoded (${String(error)})`, kind: undefined };
  }
}

/**
 * Ends the process where a picture takes too long, by the processor's time (on a machine that has other things to do it is no
 * slower), or where those under way take more memory than they may: which of them it is shows when each is alone.
 */
function watched(id: number, seconds = Number.POSITIVE_INFINITY): NodeJS.Timeout {
  const start = process.cpuUsage();
  const watch = setInterval(() => {
    const { user, system } = process.cpuUsage(start);
    const most = [...allowed.values()].reduce((sum, each) => sum + each, before);
    const excess: Excess | undefined =
      user + system > seconds * 1e6 ? "time" : process.memoryUsage.rss() > most ? "memory" : undefined;
    if (excess === undefined) return;
    clearInterval(watch);
    process.send?.({ id, excess } satisfies DecodeAnswer, end);
  }, 50);
  return watch;
}
