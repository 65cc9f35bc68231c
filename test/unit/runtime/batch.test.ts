import { expect, test } from "vitest";
import { BatchRunner, climbBatch } from "../../../src/core/runtime/batch.ts";
import { isOutOfMemory } from "../../../src/core/runtime/outOfMemory.ts";
import { FakeClock, FakeSession } from "./fakeSession.ts";

const IMAGE = Uint8Array.of(7);

async function climb(device: string, time: (count: number) => number, memory?: number) {
  const clock = new FakeClock();
  const session = new FakeSession({ clock, time, ...(memory === undefined ? {} : { memory }) });
  const { batch, imagesPerSecond } = await climbBatch(session, IMAGE, device, clock.now);
  return { batch, imagesPerSecond, largest: Math.max(...session.batches) };
}

test("a device that does many images in the time of one climbs to its limit: 64 on a GPU, 8 on the CPU", async () => {
  expect(await climb("webgpu", () => 10)).toEqual({ batch: 64, imagesPerSecond: 6400, largest: 64 });
  expect(await climb("cpu", () => 10)).toEqual({ batch: 8, imagesPerSecond: 800, largest: 8 });
});

test("the climb ends where a larger batch is no more than 5 % faster", async () => {
  const sixteen = (count: number) => 10 + Math.max(0, count - 16);
  expect((await climb("cuda", sixteen)).batch).toBe(16);
  // 4 % faster at each step.
  expect((await climb("dml", (count) => 10 * count * 0.96 ** Math.log2(count))).batch).toBe(1);
});

test("on the CPU the largest batch is taken that is not slower, whatever a single step brings", async () => {
  expect(await climb("cpu", (count) => 10 * count)).toEqual({ batch: 8, imagesPerSecond: 100, largest: 8 });
  // Something else took the processor while 2 and 4 were measured.
  const disturbed = (count: number) => 10 * count * (count === 2 || count === 4 ? 1.5 : 1);
  expect((await climb("cpu", disturbed)).batch).toBe(8);
  // 20 % slower from 4 on: its caches do not hold more.
  expect((await climb("cpu", (count) => 10 * count * (count >= 4 ? 1.2 : 1))).batch).toBe(2);
});

test("the climb ends below the batch that does not fit into memory", async () => {
  expect(await climb("cuda", () => 10, 16)).toMatchObject({ batch: 16, largest: 32 });
});

test("a very slow device is not climbed: one batch is enough to know it", async () => {
  expect(await climb("webgpu", (count) => 4000 * count)).toMatchObject({ batch: 1, largest: 1 });
});

test("the climb passes other failures on", async () => {
  await expect(climbBatch(new FakeSession({ failure: "device lost" }), IMAGE, "webgpu")).rejects.toThrow("device lost");
});

test("out of memory halves the batch, goes on where it stopped, and loses no image", async () => {
  const session = new FakeSession({ memory: 5 });
  const runner = new BatchRunner(session, 16);
  const pixels = Uint8Array.from({ length: 20 }, (_, i) => i);
  expect(Array.from(await runner.run(pixels, 20, 1))).toEqual(Array.from(pixels));
  expect(session.batches).toEqual([16, 8, 4, 4, 4, 4, 4]);
  expect(runner.batch).toBe(4);
  await runner.run(pixels, 20, 1);
  expect(session.batches.slice(7)).toEqual([4, 4, 4, 4, 4]);
});

test("memory that does not suffice for one image is an error, and so is any other failure", async () => {
  const runner = new BatchRunner(new FakeSession({ memory: 0 }), 4);
  await expect(runner.run(new Uint8Array(4), 4, 1)).rejects.toThrow("out of memory");
  const lost = new FakeSession({ failure: "device lost" });
  await expect(new BatchRunner(lost, 4).run(new Uint8Array(4), 4, 1)).rejects.toThrow("device lost");
  expect(lost.batches).toEqual([4]);
});

test.each([
  "CUDA failure 2: out of memory ; GPU=0 ; expr=cudaMalloc((void**)&p, size);",
  "Failed to allocate memory for requested buffer of size 411041792",
  "BFCArena::AllocateRawInternal: Available memory of 1024 is smaller than requested bytes of 4096",
  "HRESULT failed: 0x8007000e: Not enough memory resources are available to complete this operation.",
  "std::bad_alloc",
  "Buffer size (3221225472) exceeds the max buffer size limit (2147483648).",
  "VK_ERROR_OUT_OF_DEVICE_MEMORY: out_of_memory",
])("is out of memory: %s", (message) => {
  expect(isOutOfMemory(new Error(message))).toBe(true);
});

test.each(["device lost", "Got invalid dimensions for input: image", "Failed to get a WebGPU adapter"])(
  "is not out of memory: %s",
  (message) => {
    expect(isOutOfMemory(new Error(message))).toBe(false);
  },
);
