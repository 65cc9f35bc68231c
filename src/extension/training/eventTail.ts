import { promises as fs } from "node:fs";
import type { TrainingEvent } from "../../shared/index.ts";
import { parseEvent } from "./runFiles.ts";

/** Read at once, in bytes. */
const CHUNK = 1 << 20;
const NEWLINE = 0x0a;

/** Reads a growing file of events from where it was read last. A line counts when its end is there. */
export class EventTail {
  readonly #file: string;
  #offset = 0;
  /** The beginning of a line, in bytes: a letter may be cut in two. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(file: string) {
    this.#file = file;
  }

  /** What was added since the last call; lines that are no events are passed over. */
  async read(): Promise<TrainingEvent[]> {
    const handle = await fs.open(this.#file).catch(() => undefined);
    if (handle === undefined) return [];
    const events: TrainingEvent[] = [];
    try {
      const buffer = Buffer.alloc(CHUNK);
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, CHUNK, this.#offset);
        if (bytesRead === 0) return events;
        this.#offset += bytesRead;
        this.#rest = Buffer.concat([this.#rest, buffer.subarray(0, bytesRead)]);
        const end = this.#rest.lastIndexOf(NEWLINE) + 1;
        const lines = this.#rest.subarray(0, end).toString("utf8").split("\n");
        this.#rest = Buffer.from(this.#rest.subarray(end));
        for (const line of lines) {
          const event = line === "" ? undefined : parseEvent(line);
          if (event !== undefined) events.push(event);
        }
      }
    } finally {
      await handle.close();
    }
  }
}

/** The last event of a file; undefined where there is none, or its end is cut off. */
export async function lastEvent(file: string): Promise<TrainingEvent | undefined> {
  const handle = await fs.open(file).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, CHUNK);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    const line = buffer.toString("utf8").trimEnd().split("\n").at(-1);
    return line === undefined ? undefined : parseEvent(line);
  } finally {
    await handle.close();
  }
}
