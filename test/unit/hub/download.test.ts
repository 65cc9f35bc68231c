import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  downloadFile,
  HubError,
  type HubFile,
  type HubRepository,
  openRepository,
} from "../../../src/core/model/hub/index.ts";
import { readWeightsOrigin } from "../../../src/core/model/weightsOrigin.ts";
import { COMMIT, type HubServer, startHub } from "../../fixtures/hub/server.ts";

const REPO = "someone/resnet";
const BYTES = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 7919) >> 4);
const SHA256 = createHash("sha256").update(BYTES).digest("hex");
const SMALL = new TextEncoder().encode("a few weights");

let hub: HubServer;
let folder: string;
let out: string;

beforeEach(async () => {
  hub = await startHub(REPO, { "model.safetensors": BYTES, "tiny/head.safetensors": SMALL, "README.md": SMALL });
  folder = mkdtempSync(join(tmpdir(), "lookalike-hub-"));
  out = join(folder, "sub", "resnet.safetensors");
});
afterEach(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

async function open(): Promise<{ repository: HubRepository; file: HubFile }> {
  const repository = await openRepository(REPO, { endpoint: hub.endpoint });
  return { repository, file: repository.files[0]! };
}

async function download(signal?: AbortSignal, onProgress: (done: number) => void = () => {}) {
  const { repository, file } = await open();
  const progress = ({ done, total }: { done: number; total: number }) => {
    expect(total).toBe(BYTES.length);
    onProgress(done);
  };
  return downloadFile(repository, file, out, { endpoint: hub.endpoint, signal, onProgress: progress });
}

/** What the CDN was asked for, as ranges. */
const asked = () => hub.requests.filter((line) => line.includes("/cdn/")).map((line) => line.split(" ")[2] ?? "all");
const parts = () => readdirSync(join(folder, "sub")).filter((name) => name.endsWith(".part"));

test("lists networks, their checksums and the licence, and what belongs to them", async () => {
  const { repository } = await open();
  expect(repository).toEqual({
    repo: REPO,
    commit: COMMIT,
    licence: "apache-2.0",
    files: [
      { path: "model.safetensors", size: BYTES.length, checksum: { algorithm: "sha256", hex: SHA256 } },
      {
        path: "tiny/head.safetensors",
        size: SMALL.length,
        checksum: { algorithm: "git-sha1", hex: expect.any(String) },
      },
    ],
    companions: [
      { path: "README.md", size: SMALL.length, checksum: { algorithm: "git-sha1", hex: expect.any(String) } },
    ],
  });
});

test.each([
  [{ license: "other", license_name: "nvidia-source" }, "nvidia-source"],
  [{ license: ["mit", "bsd"] }, "mit, bsd"],
  [{}, "unknown"],
  [{ license: 7 }, "unknown"],
])("licence of the card %j: %s", async (card, licence) => {
  const other = await startHub("a/b", {}, card);
  expect((await openRepository("a/b", { endpoint: other.endpoint })).licence).toBe(licence);
  await other.close();
});

test("downloads a file, shows progress, and records where it comes from", async () => {
  const seen: number[] = [];
  const result = await download(undefined, (done) => seen.push(done));
  expect(result).toEqual({
    file: out,
    bytes: BYTES.length,
    sha256: SHA256,
    resumedFrom: 0,
    repo: REPO,
    commit: COMMIT,
    licence: "apache-2.0",
  });
  expect(readFileSync(out).equals(BYTES)).toBe(true);
  expect(seen[0]).toBe(0);
  expect(seen.at(-1)).toBe(BYTES.length);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(parts()).toEqual([]);
  const origin = { source: `hub ${REPO}, model.safetensors`, version: COMMIT, licence: "apache-2.0" };
  expect(readWeightsOrigin(out, SHA256)).toEqual(origin);
  expect(asked()).toEqual(["all"]);
});

test("a file that is there is not downloaded again; another file is not overwritten", async () => {
  await download();
  expect(await download()).toMatchObject({ resumedFrom: BYTES.length, sha256: SHA256 });
  expect(asked()).toHaveLength(1);
  writeFileSync(out, "something of the user's");
  await expect(download()).rejects.toThrow(`${out} exists and is not model.safetensors`);
  expect(readFileSync(out, "utf8")).toBe("something of the user's");
});

test("a small file is checked by git's SHA-1", async () => {
  const { repository } = await open();
  const file = repository.files[1]!;
  await downloadFile(repository, file, out, { endpoint: hub.endpoint });
  expect(readFileSync(out).equals(SMALL)).toBe(true);
  rmSync(out);
  hub.faults.corrupts = true;
  await expect(downloadFile(repository, file, out, { endpoint: hub.endpoint })).rejects.toThrow("arrived damaged");
});

test("a broken transfer goes on where it broke", async () => {
  hub.faults.breaks = { after: 300_000, times: 2 };
  await download();
  // What had arrived but was not read yet when the connection broke goes with it, on a busy machine.
  const from = asked().map((range) => (range === "all" ? 0 : Number(/^bytes=(\d+)-$/.exec(range)![1])));
  expect(from).toHaveLength(3);
  for (const i of [1, 2]) {
    expect(from[i]).toBeGreaterThan(from[i - 1]!);
    expect(from[i]).toBeLessThanOrEqual(from[i - 1]! + 300_000);
  }
  expect(readFileSync(out).equals(BYTES)).toBe(true);
});

test("a transfer in which nothing arrives any more goes on with another request", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    hub.faults.hangs = { after: 300_000 };
    const task = download(undefined, (done) => {
      if (done !== 300_000 || hub.faults.hangs === undefined) return;
      hub.faults.hangs = undefined;
      setImmediate(() => vi.advanceTimersByTime(30_001));
    });
    expect(await task).toMatchObject({ sha256: SHA256 });
    expect(asked()).toEqual(["all", "bytes=300000-"]);
  } finally {
    vi.useRealTimers();
  }
});

test("a stopped transfer is kept, and the next call goes on from there", async () => {
  hub.faults.breaks = { after: 400_000, times: 100 };
  const abort = new AbortController();
  await expect(download(abort.signal, (done) => done > 0 && abort.abort())).rejects.toMatchObject({
    name: "AbortError",
  });
  expect(existsSync(out)).toBe(false);
  expect(parts()).toHaveLength(1);
  hub.faults.breaks = undefined;
  const { resumedFrom } = await download();
  expect(resumedFrom).toBeGreaterThan(0);
  expect(asked().at(-1)).toBe(`bytes=${resumedFrom}-`);
  expect(readFileSync(out).equals(BYTES)).toBe(true);
});

test("a server that ignores ranges sends everything again", async () => {
  hub.faults.ignoresRange = true;
  hub.faults.breaks = { after: 500_000, times: 1 };
  await download();
  // The connection may break before all of that has arrived: it goes on from what has.
  const [first, second, ...more] = asked();
  expect([first, more]).toEqual(["all", []]);
  const from = Number(/^bytes=(\d+)-$/.exec(second!)?.[1]);
  expect(from).toBeGreaterThan(0);
  expect(from).toBeLessThanOrEqual(500_000);
  expect(readFileSync(out).equals(BYTES)).toBe(true);
});

test("a transfer that breaks without a new byte is given up, and what arrived is kept", async () => {
  const { repository, file } = await open();
  hub.faults.breaks = { after: 0, times: 100 };
  const task = downloadFile(repository, file, out, { endpoint: hub.endpoint });
  await expect(task).rejects.toThrow(/^127\.0\.0\.1:\d+ cannot be reached \(.+\)\. Check the connection/);
  expect(asked()).toHaveLength(4);
  expect(existsSync(out)).toBe(false);
});

test("a wrong checksum: nothing is left, and the next call starts anew", async () => {
  hub.faults.corrupts = true;
  await expect(download()).rejects.toThrow("model.safetensors of someone/resnet arrived damaged");
  expect(readdirSync(join(folder, "sub"))).toEqual([]);
  hub.faults.corrupts = false;
  expect(await download()).toMatchObject({ resumedFrom: 0, sha256: SHA256 });
});

test("a transfer that grew too long, as after a crash, starts anew", async () => {
  await download();
  rmSync(out);
  writeFileSync(
    join(folder, "sub", `resnet.safetensors.${SHA256.slice(0, 12)}.part`),
    new Uint8Array(BYTES.length + 1),
  );
  await download();
  expect(readFileSync(out).equals(BYTES)).toBe(true);
});

test("errors are sentences", async () => {
  const { endpoint } = hub;
  await expect(openRepository("someone/other", { endpoint })).rejects.toThrow(
    "does not have the repository someone/other. Check the name.",
  );
  await expect(openRepository("Xenova/dinov2-small", { endpoint })).rejects.toThrow(
    "does not have the repository Xenova/dinov2-small, which was there when the list of networks was made.",
  );
  await expect(openRepository("resnet", { endpoint })).rejects.toThrow(
    '"resnet" is not the name of a model repository',
  );
  await expect(openRepository(REPO, { endpoint: "hub" })).rejects.toThrow("The endpoint hub is not a URL");
  await expect(openRepository(REPO, { endpoint, proxy: "proxy:3128" })).rejects.toThrow(
    "The proxy proxy:3128 is not a URL",
  );
  // A message may go into a log.
  await expect(openRepository(REPO, { proxy: "ann:s3cret@proxy:3128" })).rejects.toThrow(
    "The proxy ***@proxy:3128 is not a URL",
  );
  hub.faults.portal = true;
  await expect(open()).rejects.toBeInstanceOf(HubError);
  await expect(open()).rejects.toThrow("answers something unknown");
  hub.faults.portal = false;
  hub.faults.status = 401;
  await expect(open()).rejects.toThrow("does not give out the repository someone/resnet");
  hub.faults.status = 503;
  await expect(open()).rejects.toThrow("answers with status 503");
  hub.faults.status = undefined;

  const { repository, file } = await open();
  const gone = { ...file, path: "gone.safetensors" };
  await expect(downloadFile(repository, gone, out, { endpoint })).rejects.toThrow(
    "does not have gone.safetensors of someone/resnet",
  );

  const closed = await startHub(REPO, {});
  await closed.close();
  await expect(openRepository(REPO, { endpoint: closed.endpoint })).rejects.toThrow(
    /cannot be reached \(connect ECONNREFUSED .+\)\. Check the connection, the proxy/,
  );
});

test("a stop while the hub is asked is a stop, not an error of the hub", async () => {
  const task = openRepository(REPO, { endpoint: hub.endpoint, signal: AbortSignal.abort() });
  await expect(task).rejects.toMatchObject({ name: "AbortError" });
});

test("too little room is noticed before the first byte", async () => {
  hub.faults.listedSize = 2 ** 52;
  const { repository, file } = await open();
  await expect(downloadFile(repository, file, out, { endpoint: hub.endpoint })).rejects.toThrow(
    /needs \d+ MB, and the disk has \d+ MB left/,
  );
  expect(asked()).toEqual([]);
});

test.skipIf(process.platform !== "linux")("a disk that fills up on the way", async () => {
  const { repository, file } = await open();
  out = join(folder, "resnet.safetensors");
  symlinkSync("/dev/full", `${out}.${SHA256.slice(0, 12)}.part`);
  await expect(downloadFile(repository, file, out, { endpoint: hub.endpoint })).rejects.toThrow(
    /cannot be written: the disk is full\. Make room/,
  );
});

test("a folder that cannot be made", async () => {
  const { repository, file } = await open();
  writeFileSync(join(folder, "sub"), "a file, not a folder");
  await expect(downloadFile(repository, file, out, { endpoint: hub.endpoint })).rejects.toThrow(
    /resnet\.safetensors cannot be written: .+Choose another folder/,
  );
});
