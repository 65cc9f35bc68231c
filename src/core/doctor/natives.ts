import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { SetupCandidates, SetupPart } from "../../shared/index.ts";

/** The native parts that could be loaded, each with its version, and why the others could not. */
export interface NativeParts {
  readonly versions: Readonly<Record<Exclude<SetupPart, "lookalike" | "node">, string | null>>;
  readonly problems: readonly string[];
  readonly candidates: SetupCandidates;
}

/** How each native module is loaded; tests put failing ones in their place. */
export interface NativeLoaders {
  readonly onnxruntime: () => Promise<Record<"onnxruntime", string>>;
  readonly sharp: () => Promise<Record<"sharp" | "libvips", string>>;
  readonly "better-sqlite3": () => Promise<Record<"better-sqlite3" | "sqlite", string>>;
  readonly usearch: () => Promise<Record<"usearch", string>>;
}

const LOADERS: NativeLoaders = {
  async onnxruntime() {
    const { env } = await import("onnxruntime-node");
    return { onnxruntime: env.versions.node ?? "unknown" };
  },
  async sharp() {
    const { default: sharp } = await import("sharp");
    return { sharp: sharp.versions.sharp ?? "unknown", libvips: sharp.versions.vips };
  },
  async "better-sqlite3"() {
    const { default: Database } = await import("better-sqlite3");
    const database = new Database(":memory:");
    try {
      const sqlite = database.prepare<[], string>("select sqlite_version()").pluck().get() ?? "unknown";
      return { "better-sqlite3": packageVersion("better-sqlite3"), sqlite };
    } finally {
      database.close();
    }
  },
  async usearch() {
    const { Index } = await import("usearch");
    const index = new Index(1);
    index.add(1n, Float32Array.of(1));
    return { usearch: packageVersion("usearch") };
  },
};

/** Loads the native modules one by one: one that is missing does not hide the others. */
export async function nativeParts(loaders: NativeLoaders = LOADERS): Promise<NativeParts> {
  const versions = {
    onnxruntime: null,
    sharp: null,
    libvips: null,
    "better-sqlite3": null,
    sqlite: null,
    usearch: null,
  };
  const problems: string[] = [];
  let candidates: SetupCandidates = { used: true, reason: null };
  for (const [name, load] of Object.entries(loaders)) {
    try {
      Object.assign(versions, await load());
    } catch (error) {
      const failed = `${name} cannot be loaded on ${process.platform}-${process.arch}: ${reasonOf(error)}`;
      // It has no build for some platforms, and everything works without it.
      if (name === "usearch") candidates = { used: false, reason: failed };
      else problems.push(`${failed}. Install the build of Lookalike that is made for this platform.`);
    }
  }
  return { versions, problems, candidates };
}

/** The first line that says anything. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.split("\n").find((line) => line.trim() !== "") ?? error.name;
}

/** Version of the package that the file `from` belongs to, or of an installed one. */
function packageVersion(name: string): string {
  const main = createRequire(import.meta.url).resolve(name);
  return versionAbove(dirname(main), name) ?? "unknown";
}

/** Lookalike's own version. */
export function ownVersion(): string {
  return versionAbove(import.meta.dirname, "lookalike") ?? "unknown";
}

/** Looks for the package.json of `name` in a folder and those above it: bundles lie at another depth than sources. */
function versionAbove(folder: string, name: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const json: { name?: string; version?: string } = JSON.parse(readFileSync(join(at, "package.json"), "utf8"));
      if (json.name === name) return json.version;
    } catch {
      // None here, or not one of a package.
    }
    if (dirname(at) === at) return undefined;
  }
}
