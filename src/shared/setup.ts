import type { DeviceReport } from "./device.ts";

/** What Lookalike needs, and whether it is there; the JSON of `lookalike doctor`. */
export interface SetupReport {
  /** Everything that was asked for works. */
  readonly ok: boolean;
  /** What does not work, each with what to do next; empty where all is well. */
  readonly problems: readonly string[];
  /** By name; null where a part is missing or cannot be loaded. */
  readonly versions: Readonly<Record<SetupPart, string | null>>;
  readonly platform: SetupPlatform;
  readonly candidates: SetupCandidates;
  /** null where the model could not be loaded at all. */
  readonly device: (DeviceReport & { readonly imagesPerSecond: number | null }) | null;
  readonly model: SetupModel | null;
  /** Present where a folder was named. */
  readonly index?: SetupIndex;
}

export type SetupPart =
  | "lookalike"
  | "node"
  | "onnxruntime"
  | "sharp"
  | "libvips"
  | "better-sqlite3"
  | "sqlite"
  | "usearch";

/** How an index that is larger than `lookalike.search.memory` is searched. */
export interface SetupCandidates {
  /** By candidates from usearch; otherwise by going through all of it, which is exact, but slow. */
  readonly used: boolean;
  /** Why usearch cannot be used; null where it can. */
  readonly reason: string | null;
}

export interface SetupPlatform {
  /** As in `process.platform` and `process.arch`. */
  readonly os: string;
  readonly arch: string;
  readonly release: string;
  /** Version of glibc; null where the C library is another. */
  readonly glibc: string | null;
  readonly cpu: string;
  /** Usable by this process. */
  readonly cores: number;
  /** GiB. */
  readonly memory: number;
}

export interface SetupModel {
  readonly name: string;
  /** SHA-256 of the file, hex. */
  readonly fingerprint: string;
  readonly file: string;
}

export interface SetupIndex {
  readonly folder: string;
  /** Where it is kept. */
  readonly kind: "sqlite" | "postgres";
  /** Of the database server and its extensions; null where there is none. */
  readonly software: string | null;
  /** Format of the tables; null where there is no index. */
  readonly version: number | null;
  /** Of a search for an indexed image, median; milliseconds. null where nothing is indexed. */
  readonly latency: number | null;
  /** Share of the exact combined lists of 20 that a search finds, over up to 20 images; null where nothing is indexed. */
  readonly recall: number | null;
  /** The index's file, or its place in a database; null where the folder was never indexed. */
  readonly file: string | null;
  /** Fingerprint of the index's model: the one above, or its form that is adapted to the folder. */
  readonly model: string | null;
  /** Embeddings: images that can be found. */
  readonly rows: number;
  readonly skipped: number;
  readonly images: number;
  /** Images beyond the first of the same path; 0 where all is well. */
  readonly duplicates: number;
  /** Embeddings without an image and images without an embedding; 0 where all is well. */
  readonly orphans: number;
  /** Format of the tables; null where there is no index. */
  readonly schemaVersion: number | null;
  /** `ok`, or the first thing that is wrong with the file; null where there is no index. */
  readonly integrity: string | null;
}

/** Whether an index is what it should be. */
export function isHealthy({ rows, images, duplicates, orphans, integrity }: SetupIndex): boolean {
  return rows === images && duplicates === 0 && orphans === 0 && (integrity ?? "ok") === "ok";
}

/** A report as text for people: a line per fact, then what does not work. */
export function describeSetup(report: SetupReport): string {
  const { versions, platform, candidates, device, model, index, problems } = report;
  const rows: [string, string][] = [
    [
      "Versions",
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version ?? "missing"}`)
        .join(", "),
    ],
    [
      "Platform",
      [
        `${platform.os}-${platform.arch} ${platform.release}`,
        platform.glibc === null ? "" : `glibc ${platform.glibc}`,
        `${platform.cores} cores (${platform.cpu})`,
        `${platform.memory.toFixed(0)} GiB`,
      ]
        .filter((part) => part !== "")
        .join(", "),
    ],
  ];
  const how = candidates.used
    ? "searched by usearch's candidates"
    : "searched by going through all of it: exact, but slow";
  rows.push(["Candidates", `an index larger than lookalike.search.memory is ${how}`]);
  if (candidates.reason !== null) rows.push(["", candidates.reason]);
  if (model !== null) {
    rows.push(["Model", `${model.name}, fingerprint ${model.fingerprint.slice(0, 16)}`], ["", model.file]);
  }
  if (device !== null) {
    const { asked, used, reason, tried, batch, imagesPerSecond } = device;
    const speed = imagesPerSecond === null ? "" : `, ${imagesPerSecond.toFixed(1)} images/s when it was chosen`;
    rows.push(["Device", `${used} (asked for: ${asked}), ${batch} images per run${speed}`]);
    if (reason !== null) rows.push(["", reason]);
    for (const trial of tried) {
      const result = trial.ok ? `works, ${trial.imagesPerSecond?.toFixed(1) ?? "?"} images/s` : trial.reason;
      rows.push(["", `tried ${trial.device}: ${result}`]);
    }
  }
  if (index !== undefined) {
    const state = index.file === null ? "not indexed yet" : `${index.rows} images, ${index.skipped} files skipped`;
    rows.push(["Index", `${index.folder}: ${state}`]);
    if (index.file !== null) {
      const { duplicates, orphans, schemaVersion, integrity, latency, recall } = index;
      rows.push(["", index.software === null ? index.file : `${index.file}, ${index.software}`]);
      rows.push(["", `${duplicates} duplicates, ${orphans} orphans, integrity ${integrity}, format ${schemaVersion}`]);
      if (latency !== null && recall !== null) {
        rows.push([
          "",
          `a search takes ${latency.toFixed(1)} ms and finds ${(100 * recall).toFixed(1)} % of an exact one`,
        ]);
      }
    }
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
  const verdict =
    problems.length === 0 ? ["All is well."] : ["What does not work:", ...problems.map((text) => `- ${text}`)];
  return [...table, "", ...verdict].join("\n");
}
