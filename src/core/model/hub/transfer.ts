import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { onDisk } from "./disk.ts";
import { explain, HubError, type RequestContext, statusError } from "./errors.ts";

/** Attempts without a single new byte, before the transfer is given up. */
const ATTEMPTS = 4;
/** A transfer in which nothing arrives for this long is broken. */
const STALL_MS = 30_000;
/** Waiting time after a failed attempt; doubles with each. */
const PAUSE_MS = 250;

export interface Transfer {
  readonly url: string;
  /** File that grows; what it holds already is not asked for again. */
  readonly part: string;
  /** Bytes of the whole file. */
  readonly size: number;
  readonly fetch: typeof fetch;
  readonly context: RequestContext;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (done: number) => void;
}

/**
 * Brings `part` to its full size with ranged requests, and goes on by itself after a broken connection.
 * @throws HubError where it cannot; what has arrived stays in `part`
 */
export async function transfer(job: Transfer): Promise<void> {
  let failures = 0;
  for (;;) {
    const before = await sizeOf(job.part);
    job.onProgress(Math.min(before, job.size));
    if (before === job.size) return;
    try {
      await receive(job, before <= job.size ? before : 0);
    } catch (error) {
      job.signal?.throwIfAborted();
      if (error instanceof HubError && !(error instanceof TransientError)) throw error;
      failures = (await sizeOf(job.part)) > before ? 0 : failures + 1;
      if (failures === ATTEMPTS) throw explain(error, job.context);
      await pause(PAUSE_MS * 2 ** failures, job.signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
}

/** A fault that may be gone at the next attempt. */
class TransientError extends HubError {}

export async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** One request: appends what arrives. */
async function receive(job: Transfer, from: number): Promise<void> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error("nothing arrives any more")), STALL_MS);
  try {
    const response = await job.fetch(job.url, {
      // Compressed bytes could not be continued in the middle.
      headers: { "Accept-Encoding": "identity", ...(from > 0 ? { Range: `bytes=${from}-` } : {}) },
      signal: AbortSignal.any([stalled.signal, ...(job.signal ? [job.signal] : [])]),
    });
    const start = startOf(response, from, job.context);
    await append(job, response, start, () => timer.refresh());
  } finally {
    clearTimeout(timer);
  }
}

/** Where in the file the response begins. */
function startOf(response: Response, from: number, context: RequestContext): number {
  // The server may ignore the range and send everything.
  if (response.status === 200) return 0;
  if (response.status === 206) {
    const start = /^bytes (\d+)-/.exec(response.headers.get("Content-Range") ?? "")?.[1];
    if (Number(start) === from) return from;
    throw new TransientError(`${context.host} sends another part of ${context.what} than it was asked for.`);
  }
  const { message } = statusError(response.status, context);
  if (response.status === 429 || response.status >= 500) throw new TransientError(message);
  throw new HubError(message);
}

async function append(job: Transfer, response: Response, start: number, alive: () => void): Promise<void> {
  const { part, size, context } = job;
  // Positioned writes: two downloads of the same file at once write the same bytes to the same places.
  const handle = await onDisk(part, () => open(part, start === 0 ? "w" : "r+"));
  try {
    let at = start;
    for await (const chunk of response.body ?? []) {
      alive();
      if (at + chunk.length > size) throw new HubError(`${context.host} sends more of ${context.what} than it has.`);
      await onDisk(part, () => handle.write(chunk, 0, chunk.length, at));
      at += chunk.length;
      job.onProgress(at);
    }
    if (at < size) throw new TransientError(`${context.host} stops in the middle of ${context.what}. Try again later.`);
    await onDisk(part, () => handle.sync());
  } finally {
    await handle.close();
  }
}
