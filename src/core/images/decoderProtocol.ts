import type { TamePicture } from "./tame.ts";

/** @property side of what is wanted of the picture, in pixels */
export interface DecodeRequest {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly side: number;
  /** Seconds of the processor's time, where it is the only picture in the process. */
  readonly seconds?: number;
}

/** `late`: it used up its time, and the process ends. */
export type DecodeAnswer = { readonly id: number } & (
  | { readonly late: true }
  | { readonly picture: TamePicture }
  | { readonly reason: string; readonly kind: string | undefined }
);
