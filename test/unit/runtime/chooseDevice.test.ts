import { expect, test } from "vitest";
import type { Platform } from "../../../src/core/runtime/candidates.ts";
import { chooseDevice } from "../../../src/core/runtime/chooseDevice.ts";
import { NO_NOTES } from "../../../src/core/runtime/deviceNotes.ts";
import { failureReason } from "../../../src/core/runtime/failureReason.ts";
import type { Device, DeviceChoice } from "../../../src/shared/index.ts";
import { type FakeBehaviour, FakeClock, FakeSession } from "./fakeSession.ts";

const ALL: Platform = {
  os: "linux",
  arch: "x64",
  cudaLibraries: true,
  gpuVisible: true,
  built: new Set(["cpu", "webgpu", "cuda", "dml", "coreml"]),
};

type Behaviours = Partial<Record<Device, FakeBehaviour | string>>;

/** @param devices behaviour of each device, or the error with which it cannot be opened; a device that is not named works */
async function choose(
  asked: DeviceChoice,
  devices: Behaviours = {},
  platform: Partial<Platform> = {},
  notes = NO_NOTES,
) {
  const clock = new FakeClock();
  const sessions = new Map<Device, FakeSession>();
  const { session, report } = await chooseDevice({
    asked,
    platform: { ...ALL, ...platform },
    images: { pixels: Uint8Array.of(10, 200), count: 2 },
    notes,
    now: clock.now,
    async open(device) {
      const behaviour = devices[device] ?? {};
      if (typeof behaviour === "string") throw new Error(behaviour);
      sessions.set(device, new FakeSession({ clock, time: (count) => 10 * count, ...behaviour }));
      return sessions.get(device)!;
    },
  });
  const open = [...sessions].filter(([, { released }]) => released === 0).map(([device]) => device);
  expect(open).toEqual([report.used]);
  expect(session).toBe(sessions.get(report.used));
  return report;
}

const slow: FakeBehaviour = { time: (count) => 50 * count };
const fast: FakeBehaviour = { time: (count) => 1 + count };

test.each([
  ["win32", ["dml", "webgpu", "cpu"]],
  ["darwin", ["coreml", "webgpu", "cpu"]],
  ["linux", ["cuda", "webgpu", "cpu"]],
  ["aix", ["cpu"]],
])("auto on %s tries %j", async (os, expected) => {
  const { tried } = await choose("auto", {}, { os });
  expect(tried.map(({ device }) => device)).toEqual(expected);
});

test("auto leaves out what onnxruntime lacks here, and CUDA without its libraries", async () => {
  const { tried } = await choose("auto", {}, { cudaLibraries: false });
  expect(tried.map(({ device }) => device)).toEqual(["webgpu", "cpu"]);
  const arm = await choose("auto", {}, { arch: "arm64", built: new Set(["cpu"]) });
  expect(arm).toMatchObject({ used: "cpu", reason: "onnxruntime has no GPU device for linux-arm64" });
});

test("auto keeps the fastest that works, with its batch", async () => {
  const report = await choose("auto", { cuda: slow, webgpu: fast });
  expect(report).toMatchObject({ asked: "auto", used: "webgpu", reason: null, batch: 16 });
  expect(report.tried.map(({ ok }) => ok)).toEqual([true, true, true]);
  expect(report.tried[1]!.imagesPerSecond!).toBeGreaterThan(report.tried[2]!.imagesPerSecond!);
});

test("auto keeps the CPU where the GPU is slower, and says so", async () => {
  const report = await choose("auto", { webgpu: slow }, { cudaLibraries: false });
  expect(report).toMatchObject({
    used: "cpu",
    reason: "webgpu: it works, but is slower (20.0 images/s, the CPU 100.0)",
    batch: 8,
  });
});

test("a device that cannot be opened, or fails in its run, is not used; the reasons are kept", async () => {
  const report = await choose("auto", { cuda: "no such driver", webgpu: { ...fast, failure: "device lost" } });
  expect(report).toMatchObject({ used: "cpu", reason: "cuda: no such driver; webgpu: device lost" });
  expect(report.tried[0]).toEqual({ device: "cuda", ok: false, reason: "no such driver", imagesPerSecond: null });
});

test("a device whose outputs differ is not used, however fast", async () => {
  const wrong = await choose("webgpu", { webgpu: { ...fast, wrongBy: 0.01 } });
  expect(wrong.used).toBe("cpu");
  expect(wrong.reason).toMatch(/^its outputs differ from the CPU's by 0\.010, and at most 0\.001 is accepted$/);
  expect((await choose("webgpu", { webgpu: { ...fast, wrongBy: 0.0005 } })).used).toBe("webgpu");
  expect((await choose("webgpu", { webgpu: { ...fast, wrongBy: Number.NaN } })).used).toBe("cpu");
});

test("a device that is asked for by name is used even where the CPU is faster", async () => {
  const report = await choose("dml", { dml: slow });
  expect(report).toMatchObject({ asked: "dml", used: "dml", reason: null });
  expect(report.tried.map(({ device }) => device)).toEqual(["dml"]);
});

test("asked for but not possible: the CPU, with the reason", async () => {
  const coreml = await choose("coreml", {}, { built: new Set(["cpu", "webgpu"]) });
  expect(coreml).toMatchObject({ asked: "coreml", used: "cpu", reason: "onnxruntime has no coreml on linux-x64" });
  const cuda = await choose("cuda", {}, { cudaLibraries: false });
  expect(cuda).toMatchObject({ used: "cpu", reason: expect.stringContaining("libonnxruntime_providers_cuda") });
});

test("without a visible GPU, auto does not try WebGPU, but who asks for it gets it", async () => {
  const auto = await choose("auto", { webgpu: fast }, { cudaLibraries: false, gpuVisible: false });
  expect(auto).toMatchObject({ used: "cpu", reason: "webgpu: no GPU is visible to this process" });
  expect((await choose("webgpu", { webgpu: fast }, { gpuVisible: false })).used).toBe("webgpu");
});

test("cpu tries nothing else and needs no reason", async () => {
  const report = await choose("cpu", { webgpu: fast });
  expect(report).toMatchObject({ asked: "cpu", used: "cpu", reason: null });
  expect(report.tried.map(({ device }) => device)).toEqual(["cpu"]);
});

test("a model that the CPU cannot run is an error, and nothing stays open", async () => {
  await expect(choose("auto", { cpu: { failure: "bad model" } })).rejects.toThrow("bad model");
});

test("each trial is noted before it begins and taken away after it, also where it fails", async () => {
  const log: string[] = [];
  const notes = {
    ...NO_NOTES,
    begin: (device: Device) => {
      log.push(`begin ${device}`);
      return () => log.push(`end ${device}`);
    },
    leftover: (device: Device) => (device === "cuda" ? "it took the process down" : null),
  };
  const report = await choose("auto", { webgpu: "no adapter" }, {}, notes);
  expect(log).toEqual(["begin webgpu", "end webgpu"]);
  expect(report.tried[0]).toMatchObject({ device: "cuda", ok: false, reason: "it took the process down" });
});

test("what onnxruntime says becomes part of a sentence", () => {
  const adapter =
    "/onnxruntime_src/webgpu_context.cc:136 Initialize()::<lambda()> adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters\n";
  expect(failureReason(new Error(adapter))).toMatch(/^no graphics driver offers it an adapter/);
  expect(failureReason(new Error("/src/a.cc:1 Run() ok was false. The shader is too long.\nmore"))).toBe(
    "The shader is too long",
  );
  expect(failureReason(new Error(""))).toBe("it failed without a reason");
});
