/** What an installed extension needs of node_modules: the packages with native parts, and theirs. All else is bundled. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./paths.mjs";

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Needed while installing or compiling only. */
const INSTALLERS = ["adm-zip", "global-agent", "node-addon-api"];
/** All but the entry points that are for one platform each. */
const SQLITE_SCRIPTS = ["index.js", "binding.js", "database.js", "sqlite-error.js", "util.js", "methods"];
/** What usearch needs to find its binary. */
const USEARCH_LOADERS = ["bindings", "file-uri-to-path", "node-gyp-build"];
/** Where usearch keeps its binaries; it has none for Windows on ARM. */
const USEARCH_BUILDS: Readonly<Record<string, string>> = {
  "darwin-arm64": "prebuilds/darwin-arm64+x64",
  "linux-arm64": "prebuilds/linux-arm64",
  "linux-x64": "prebuilds/linux-x64",
  "win32-x64": "prebuilds/win32-x64",
};
/** Licences ask for these; where a package has no licence file, or names those of its parts elsewhere, it is the README. */
const NOTICES = ["LICENSE", "LICENSE.md", "README.md"];
/** Types and source maps; and the CUDA provider, which onnxruntime's installer may have added: larger than all else together. */
const UNUSED = /\.(map|d\.[cm]?ts)$|^(lib)?onnxruntime_providers_/;

/**
 * Copies what `dependencies` load at run time.
 * @param target a platform as VS Code names it, such as `linux-x64`
 * @param modules the `node_modules` folder to fill
 * @throws Error for the user, where native parts for the target are not there or a package needs one that is not listed here
 */
export function stageRuntimePackages(dependencies: readonly string[], target: string, modules: string): void {
  const natives = nativeParts(target);
  const packages: Readonly<Record<string, readonly string[]>> = {
    "@img/colour": ["."],
    "better-sqlite3": [...SQLITE_SCRIPTS.map((name) => `lib/${name}`), natives["better-sqlite3"]],
    "detect-libc": ["."],
    "onnxruntime-common": ["dist/cjs"],
    "onnxruntime-node": ["dist", natives["onnxruntime-node"]],
    semver: ["."],
    sharp: ["dist"],
    ...Object.fromEntries(natives.sharp.map((name) => [name, ["."]])),
    ...usearchParts(target),
  };
  const expectListed = (name: string, by: string) => {
    if (name in packages) return;
    throw new Error(`${by} needs ${name} at run time: list what it loads in scripts/lib/runtimePackages.ts.`);
  };
  for (const name of dependencies) expectListed(name, "Lookalike");
  for (const [name, paths] of Object.entries(packages)) {
    const notices = NOTICES.filter((file) => existsSync(installed(name, file)));
    for (const path of [...paths, ...notices]) copy(installed(name, path), join(modules, name, path));
    const { dependencies: all = {}, ...manifest } = manifestOf(name);
    const needed = Object.entries(all).filter(([other]) => !INSTALLERS.includes(other));
    for (const [other] of needed) expectListed(other, name);
    // vsce asks npm what is to be packaged, and npm refuses where something is missing.
    const json = { ...manifest, dependencies: Object.fromEntries(needed), scripts: undefined };
    writeFileSync(join(modules, name, "package.json"), `${JSON.stringify(json, undefined, 2)}\n`);
  }
}

/** Where each package keeps what is native for a target; for sharp these are packages. Proved to be there. */
function nativeParts(target: string) {
  const none = (name: string) =>
    new Error(`There is no Lookalike for ${target}: ${name} ${manifestOf(name).version} has no build for it.`);
  const [os = "", arch = ""] = target.split("-");
  const parts = { "onnxruntime-node": `bin/napi-v6/${os}/${arch}`, "better-sqlite3": `prebuilds/${target}.node` };
  for (const [name, path] of Object.entries(parts)) if (!existsSync(installed(name, path))) throw none(name);
  // On Windows libvips lies in the same package as the binary.
  const [binary, libvips] = [`@img/sharp-${target}`, `@img/sharp-libvips-${target}`];
  const builds = Object.entries(manifestOf("sharp").optionalDependencies ?? {});
  const wanted = builds.filter(([name]) => name === binary || name === libvips);
  if (wanted.length === 0) throw none("sharp");
  if (wanted.some(([name]) => !existsSync(installed(name)))) {
    const packages = wanted.map(([name, version]) => `${name}@${version}`).join(" ");
    throw new Error(
      `The build of sharp for ${target} is not installed. Run this on such a machine, or install it beside yours with ` +
        `"npm install --no-save --force ${packages}".`,
    );
  }
  return { ...parts, sharp: wanted.map(([name]) => name) };
}

/** Whether an index that is larger than memory is searched fast on a target; without, it is scanned. */
export function hasUsearch(target: string): boolean {
  const build = USEARCH_BUILDS[target];
  return build !== undefined && existsSync(installed("usearch", build));
}

function usearchParts(target: string): Readonly<Record<string, readonly string[]>> {
  if (!hasUsearch(target)) return {};
  return {
    usearch: ["javascript/dist/esm", USEARCH_BUILDS[target]!],
    ...Object.fromEntries(USEARCH_LOADERS.map((name) => [name, ["."]])),
  };
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  const filter = (path: string) => !UNUSED.test(path.replace(/.*[\\/]/, ""));
  cpSync(from, to, { recursive: true, dereference: true, filter });
}

const installed = (name: string, path = "."): string => join(ROOT, "node_modules", name, path);

function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(installed(name, "package.json"), "utf8"));
}
