/**
 * Loaded before everything else (`--import`) into a process of the tests and all that it starts: a run of onnxruntime ends
 * the process where one of its images is of one colour, FAULTY_COLOUR (`r,g,b`). With FAULTY_ABOVE=n only where more than
 * n images are in the run.
 */
import { createRequire } from "node:module";

type Ort = typeof import("onnxruntime-node");

const colour = process.env["FAULTY_COLOUR"]!.split(",").map(Number);
const above = Number(process.env["FAULTY_ABOVE"] ?? 0);
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
      if (image !== undefined && image.dims[0]! > above && holds(image.data, image.data.length / image.dims[0]!)) {
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
