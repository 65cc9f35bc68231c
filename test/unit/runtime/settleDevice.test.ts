import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deviceNotes } from "../../../src/core/runtime/deviceNotes.ts";
import { settleDevice } from "../../../src/core/runtime/settleDevice.ts";
import { LIFETIME, verdicts } from "../../../src/core/runtime/verdicts.ts";
import type { Device, DeviceChoice, DeviceReport } from "../../../src/shared/index.ts";
import { type FakeBehaviour, FakeSession } from "./fakeSession.ts";

const MODEL = "0123456789abcdef0123456789abcdef";

let folder: string;
/** Devices in the order in which they were opened. */
let opened: Device[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-devices-"));
  opened = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The fake model has images of one byte; the probe images of a model of 1 x 1 have three, so runs are wrapped. */
class PixelSession extends FakeSession {
  override run(pixels: Uint8Array, count: number): Promise<Float32Array> {
    return super.run(pixels.subarray(0, count), count);
  }
}

async function settle(asked: DeviceChoice, webgpu: FakeBehaviour | string = {}, fresh = false): Promise<DeviceReport> {
  const { report } = await settleDevice({
    asked,
    model: MODEL,
    input: { width: 1, height: 1 },
    platform: { os: "linux", arch: "x64", cudaLibraries: false, gpuVisible: true, built: new Set(["cpu", "webgpu"]) },
    folder,
    fresh,
    async open(device) {
      opened.push(device);
      if (device === "webgpu" && typeof webgpu === "string") throw new Error(webgpu);
      return new PixelSession(device === "webgpu" && typeof webgpu !== "string" ? webgpu : {});
    },
  });
  return report;
}

/** Leaves a note as a process does that dies while it tries a device. */
function crash(device: Device): void {
  const script = `
    const { deviceNotes } = await import(${JSON.stringify(join(import.meta.dirname, "../../../src/core/runtime/deviceNotes.ts"))});
    deviceNotes(${JSON.stringify(folder)}, ${JSON.stringify(MODEL)}).begin(${JSON.stringify(device)});
    process.kill(process.pid, "SIGKILL");`;
  const { signal, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(signal, stderr).toBe("SIGKILL");
}

test("a verdict is found once and then read: the second time nothing is tried", async () => {
  const first = await settle("webgpu");
  expect(first).toMatchObject({ asked: "webgpu", used: "webgpu" });
  expect(opened).toEqual(["cpu", "webgpu"]);
  opened = [];
  expect(await settle("webgpu")).toEqual(first);
  expect(opened).toEqual(["webgpu"]);
});

test("a failure is kept as well, with its reason; each choice has its own verdict", async () => {
  expect(await settle("webgpu", "no adapter")).toMatchObject({ used: "cpu", reason: "no adapter" });
  opened = [];
  expect(await settle("webgpu")).toMatchObject({ used: "cpu", reason: "no adapter" });
  expect(await settle("cpu")).toMatchObject({ asked: "cpu", used: "cpu", reason: null });
  expect(opened).not.toContain("webgpu");
});

test("fresh forgets the verdict", async () => {
  await settle("webgpu", "no adapter");
  expect(await settle("webgpu", {}, true)).toMatchObject({ used: "webgpu" });
});

test("a device that worked and no longer does is found out, not believed", async () => {
  await settle("webgpu");
  opened = [];
  expect(await settle("webgpu", "the driver is gone")).toMatchObject({ used: "cpu", reason: "the driver is gone" });
  expect(opened).toEqual(["webgpu", "cpu", "webgpu"]);
});

test.each(["", "{}", "no JSON", '{"format":2}', '{"format":1,"key":"x","time":0,"report":{"used":"warp drive"}}'])(
  "a verdict file that holds %j is ignored and written anew",
  async (text) => {
    await settle("webgpu");
    const file = join(folder, readdirSync(folder)[0]!);
    writeFileSync(file, text);
    opened = [];
    expect(await settle("webgpu")).toMatchObject({ used: "webgpu" });
    expect(opened).toEqual(["cpu", "webgpu"]);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ format: 1 });
  },
);

test("a verdict ends with its time, and with another driver or model", () => {
  const report: DeviceReport = { asked: "auto", used: "webgpu", reason: null, tried: [], batch: 8 };
  let now = 1_000_000;
  const at = (model: string, facts: string[]) => verdicts(folder, model, facts, () => now);
  at(MODEL, ["driver 1"]).write(report);
  expect(at(MODEL, ["driver 1"]).read("auto")).toEqual(report);
  expect(at(MODEL, ["driver 1"]).read("webgpu")).toBeUndefined();
  expect(at(MODEL, ["driver 2"]).read("auto")).toBeUndefined();
  // The file's name holds only the beginning of the fingerprint.
  expect(at(`${MODEL.slice(0, 16)}ffff`, ["driver 1"]).read("auto")).toBeUndefined();
  now += LIFETIME - 1;
  expect(at(MODEL, ["driver 1"]).read("auto")).toEqual(report);
  now += 1;
  expect(at(MODEL, ["driver 1"]).read("auto")).toBeUndefined();
  // A clock that was set back.
  now = 0;
  expect(at(MODEL, ["driver 1"]).read("auto")).toBeUndefined();
});

test("a process that died while it tried a device: the next one leaves it out, says why, and does not forget", async () => {
  crash("webgpu");
  const reason = expect.stringMatching(/^Lookalike ended without warning while it tried this device \(20/);
  expect(await settle("webgpu")).toMatchObject({ used: "cpu", reason });
  expect(opened).toEqual(["cpu"]);
  // The verdict has it now, and the note is gone.
  expect(readdirSync(folder).filter((name) => name.includes("trying"))).toEqual([]);
  expect(await settle("webgpu")).toMatchObject({ used: "cpu", reason });
  expect(opened).toEqual(["cpu", "cpu"]);
  expect(await settle("webgpu", {}, true)).toMatchObject({ used: "webgpu" });
});

test("a process that died with a device whose verdict was good: the verdict does not hold any more", async () => {
  await settle("webgpu");
  crash("webgpu");
  opened = [];
  expect(await settle("webgpu")).toMatchObject({
    used: "cpu",
    reason: expect.stringContaining("ended without warning"),
  });
  expect(opened).toEqual(["cpu"]);
});

test("a note is only dealt with by a run that would have tried its device", async () => {
  crash("webgpu");
  await settle("cpu");
  expect(await settle("auto")).toMatchObject({ used: "cpu", reason: expect.stringContaining("ended without warning") });
});

test("a note of a process that still runs says nothing", () => {
  const done = deviceNotes(folder, MODEL).begin("webgpu");
  expect(deviceNotes(folder, MODEL).leftover("webgpu")).toBeNull();
  done();
  expect(readdirSync(folder)).toEqual([]);
});

test("a place for verdicts that cannot be made only costs time", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  folder = join(file, "below a file");
  expect(await settle("webgpu")).toMatchObject({ used: "webgpu" });
  expect(await settle("webgpu")).toMatchObject({ used: "webgpu" });
  expect(opened).toEqual(["cpu", "webgpu", "cpu", "webgpu"]);
  folder = join(file, "..");
});
