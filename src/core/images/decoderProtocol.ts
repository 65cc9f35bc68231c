import type { AboutImage, Frames } from "./about.ts";
import type { TamePicture } from "./tame.ts";

/** What can be asked about a picture. */
export interface DecodeTasks {
  readonly picture: TamePicture;
  readonly about: AboutImage;
  readonly frames: Frames | null;
}

/** A piece of a large file, which comes before the request with the same id; they follow each other. */
export interface DecodePart {
  readonly id: number;
  readonly part: Uint8Array;
}

/** @property bytes of the file, or its last ones  @property side of what is wanted of the picture, in pixels */
export interface DecodeRequest {
  readonly id: number;
  readonly task: keyof DecodeTasks;
  readonly bytes: Uint8Array;
  readonly side: number;
  /** Bytes of memory that it may take. */
  readonly memory: number;
  /** Seconds of the processor's time, where it is the only picture in the process. */
  readonly seconds?: number;
}

/** Why the process ends: a picture used up its time, or the pictures under way their memory. */
export type Excess = "time" | "memory";

export type DecodeAnswer = { readonly id: number } & (
  | { readonly excess: Excess }
  | { readonly result: DecodeTasks[keyof DecodeTasks] }
  | { readonly reason: string; readonly kind: string | undefined }
);
