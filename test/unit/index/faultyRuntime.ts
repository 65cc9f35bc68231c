/**
 * Loaded before everything else (`--import`) into a process of the tests and all that it starts: a run of onnxruntime ends
 * the process where one of its images is of one colour, FAULTY_COLOUR (`r,g,b`). With FAULTY_ABOVE=n only where more than
 * n images are in the run, with FAULTY_BELOW=n only where fewer are. With FAULTY_RUNS=n the process that was started first is
 * killed at its run number n.
 */
import { createRequire } from "node:module";

type Ort = typeof import("onnxruntime-node");

const colour = process.env["FAULTY_COLOUR"]!.split(",").map(Number);
const above = Number(process.env["FAULTY_ABOVE"] ?? 0);
const below = Number(process.env["FAULTY_BELOW"] ?? Number.POSITIVE_INFINITY);
const last = Number(process.env["FAULTY_RUNS"] ?? Number.POSITIVE_INFINITY);
// Not those that it starts to try files.
delete process.env["FAULTY_RUNS"];
let runs = 0;
const { InferenceSession } = createRequire(import.meta.url)("onnxruntime-node") as Ort;
const create = InferenceSession.create.bind(InferenceSession) as (
  ...args: unknown[]
) => ReturnType<Ort["InferenceSession"]["create"]>;

Object.assign(InferenceSession, {
  async create(...args: unknown[]) {
    const session = await create(...args);
    const run = session.run.bind(session);
    session.run = ((feeds: { image?: { data: Uint8Array; dims: readonly number[] } }, ...rest: never[]) => {
      const { image } = feeds;
      if (image !== undefined && ++runs === last) process.kill(process.pid, "SIGKILL");
      if (
        image !== undefined &&
        image.dims[0]! > above &&
        image.dims[0]! < below &&
        holds(image.data, image.data.length / image.dims[0]!)
      ) {
        process.kill(process.pid, "SIGSEGV");
      }
      return run(feeds as never, ...rest);
    }) as typeof session.run;
    return session;
  },
});

function holds(pixels: Uint8Array, imageBytes: number): boolean {
  for (let start = 0; start < pixels.length; start += imageBytes) {
    if (pixels.subarray(start, start + imageBytes).every((value, i) => value === colour[i % 3])) return true;
  }
  return false;
}
