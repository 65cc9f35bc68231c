import { availableParallelism } from "node:os";
import pLimit from "p-limit";
import sharp from "sharp";
import { type AboutImage, aboutHere, type Frames, NOTHING_KNOWN } from "./about.ts";
import { burdenOf } from "./burden.ts";
import { DecoderEnded, DecoderProcess } from "./decoderProcess.ts";
import type { DecodeTasks } from "./decoderProtocol.ts";
import { ImageError } from "./failures.ts";
import { kindOf } from "./kinds.ts";
import { Lanes } from "./lanes.ts";
import { type OpenedImage, withImageHere } from "./openHere.ts";
import { Room } from "./room.ts";
import { inUtf8, isMoving } from "./svgText.ts";

/** Seconds that decoding one picture may take, where nobody says otherwise. */
const DEFAULT_SECONDS = 10;
/** A picture that is decoded alone may wait so many times as long for a busy processor. */
const BUSY = 6;
/** Of the memory that is there when the first picture is decoded, so much may be held by decoders. */
const SHARE = 0.5;
const LEAST_MEMORY = 1 << 29;
const SMALL = 1 << 27;
/** A picture that is decoded aside may take so much beside what its pixels take, and these so many times: measured is once. */
const BESIDE = 1 << 30;
const TIMES = 3;

const cores = availableParallelism();
/** Of the threads that file access and decoders share, one is left for files and small pictures, one more for heavy ones
 * that somebody waits for. Small pictures of a folder queue up before the threads, which then go on while the model runs. */
const heavy = new Lanes(Math.max(2, Number(process.env["UV_THREADPOOL_SIZE"] ?? 4) - 1), 1);
/** A process for what somebody waits for, and one for folders; its next pictures lie there already when it has decoded one. */
const asides = {
  asked: { decoder: new DecoderProcess(cores), turn: pLimit(cores) },
  folder: { decoder: new DecoderProcess(cores), turn: pLimit(2 * cores) },
};
const solitary = new DecoderProcess(1);
const alone = new Lanes(1, 0);
let memory: Room | undefined;
let limit = DEFAULT_SECONDS;

/** Sets how many seconds decoding one picture may take from now on, in this process. */
export function limitDecoding(seconds: number): void {
  limit = seconds;
}

export interface Wish {
  /** Somebody waits for this picture: it goes before those of a whole folder. */
  readonly asked?: boolean | undefined;
  /** Nobody waits for it any more: its turn does not come, and where it is decoded alone, that is ended. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a picture and does something with it; where its stream has an error that every browser passes over (a lost
 * marker, bytes too many, an end that is missing), with what can be read of it. What may take long is decoded in a
 * process that can be ended; what runs out of time is tried once more, alone.
 * @param use must not keep the picture; it may be called a second time where the first one failed
 * @param side a vector image is drawn with at least so many pixels on its shorter side
 * @returns also whether only a part could be read
 * @throws ImageError with the reason in plain words
 */
export async function withImage<T>(
  bytes: Buffer,
  side: number,
  use: (opened: OpenedImage) => Promise<T>,
  { asked = false, signal }: Wish = {},
): Promise<{ readonly result: T; readonly partial: boolean }> {
  const burden = burdenOf(bytes, kindOf(bytes), side);
  memory ??= new Room(Math.max(LEAST_MEMORY, SHARE * process.availableMemory()));
  const work = async () => {
    signal?.throwIfAborted();
    if (!burden.aside) {
      try {
        const decode = () => withImageHere(bytes, side, use, limit);
        return await (burden.heavy ? heavy.run(asked, decode) : decode());
      } catch (error) {
        if (!isTimeout(error)) throw error;
      }
    }
    const memory = BESIDE + TIMES * (burden.bytes + bytes.length);
    const wanted = { task: "picture", bytes, side, memory } as const;
    const picture = await (burden.aside ? decodeAside : decodeAlone)(wanted, asked, signal);
    const { pixels, decoded, channels, width, height, partial } = picture;
    const image = sharp(pixels, { raw: { ...decoded, channels } });
    return { result: await use({ image, width, height, drawn: decoded }), partial };
  };
  // What somebody waits for does not wait for a folder's largest pictures, unless it is as large itself.
  return asked && burden.bytes < SMALL ? work() : memory.hold(burden.bytes, work);
}

/** What a file has beside its first picture. What may take long is looked into in a process that can be ended. */
export async function aboutImage(bytes: Buffer): Promise<AboutImage> {
  const kind = kindOf(bytes);
  // Of these there is nothing to tell.
  if (kind?.read !== true || kind.name === "BMP") return NOTHING_KNOWN;
  if (kind.name === "SVG") return { ...NOTHING_KNOWN, hasUnread: isMoving(inUtf8(bytes).toString("latin1")) };
  const burden = burdenOf(bytes, kind, 1);
  if (!burden.aside) return aboutHere(bytes);
  const memory = BESIDE + TIMES * (burden.bytes + bytes.length);
  return decodeAside({ task: "about", bytes, side: 1, memory }, false);
}

/**
 * All frames of an animation, each as large as their bytes allow, in a process that can be ended.
 * @param side longest side, in pixels
 * @returns null where they are too many to see anything in them
 * @throws ImageError with the reason in plain words
 */
export async function imageFrames(bytes: Buffer, side: number): Promise<Frames | null> {
  const burden = burdenOf(bytes, kindOf(bytes), side);
  const memory = BESIDE + TIMES * (burden.bytes + bytes.length);
  return decodeAside({ task: "frames", bytes, side, memory }, false);
}

interface Wanted<K extends keyof DecodeTasks> {
  readonly task: K;
  readonly bytes: Buffer;
  readonly side: number;
  readonly memory: number;
}

async function decodeAside<K extends keyof DecodeTasks>(
  wanted: Wanted<K>,
  asked: boolean,
  signal?: AbortSignal,
): Promise<DecodeTasks[K]> {
  const { task, bytes, side, memory } = wanted;
  const { decoder, turn } = asides[asked ? "asked" : "folder"];
  for (;;) {
    try {
      return await turn(() => {
        signal?.throwIfAborted();
        return decoder.decode(bytes, side, memory, 1000 * limit, undefined, task);
      });
    } catch (error) {
      if (!(error instanceof DecoderEnded)) throw error;
      // It was only beside one that took too much, so it goes again.
      if (error.excess !== "another") return decodeAlone(wanted, asked, signal);
    }
  }
}

/** @throws ImageError that says what it took too much of, or how it ended the decoder */
function decodeAlone<K extends keyof DecodeTasks>(
  { task, bytes, side, memory }: Wanted<K>,
  asked: boolean,
  signal?: AbortSignal,
): Promise<DecodeTasks[K]> {
  return alone.run(asked, async () => {
    signal?.throwIfAborted();
    const end = () => solitary.end();
    signal?.addEventListener("abort", end);
    try {
      return await solitary.decode(bytes, side, memory, BUSY * 1000 * limit, limit, task);
    } catch (error) {
      if (!(error instanceof DecoderEnded)) throw error;
      throw new ImageError(reasonOf(error, memory), { cause: error });
    } finally {
      signal?.removeEventListener("abort", end);
    }
  });
}

function reasonOf({ excess, message }: DecoderEnded, memory: number): string {
  if (excess === "time") return `decoding it takes more than ${limit} s (lookalike.decode.seconds)`;
  if (excess === "memory") return `decoding it takes more than ${(memory / 2 ** 30).toFixed(1)} GiB of memory`;
  return `damaged: it ended the decoder (${message}); it is tried again once it changes`;
}

function isTimeout(error: unknown): boolean {
  return error instanceof ImageError && error.cause instanceof Error && error.cause.message.startsWith("timeout:");
}
