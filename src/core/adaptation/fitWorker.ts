/** A worker thread that fits one head and tells it. */
import { parentPort, workerData } from "node:worker_threads";
import type { Head } from "../model/index.ts";
import { type FitOptions, fitHead } from "./fitHead.ts";

export interface FitWork {
  readonly pictures: Float32Array;
  readonly views: Float32Array;
  readonly d: number;
  readonly options: FitOptions;
}

/** Null where the pictures are too much alike. */
export type FitReply = Head | null;

const port = parentPort;
if (port === null) throw new Error("fitWorker runs in a worker thread");
const { pictures, views, d, options } = workerData as FitWork;
port.postMessage((await fitHead(pictures, views, d, options)) satisfies FitReply);
