/**
 * `npm start` and `npm test` on a fresh machine: installs what is missing, then runs scripts/<command>.ts under Node 24.
 * Plain JavaScript without dependencies: it runs on whatever Node the system has, before anything is installed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { CODE_SERVER, CODE_SERVER_FOLDER, CODE_SERVER_VERSION, ROOT } from "./lib/paths.mjs";

const NODE_VERSION = "24.21.0";
const NODE_BIN = join(ROOT, "node_modules", "node", "bin");
const NODE = join(NODE_BIN, process.platform === "win32" ? "node.exe" : "node");
/** Node's folder for this platform, with the headers against which code-server's native modules are compiled. */
const NODE_FOLDER = join(ROOT, "node_modules", "node", "node_modules", `node-${process.platform}-${process.arch}`);

const [command, ...args] = process.argv.slice(2);

installDependencies();
const needs = needsOf(command, args);
if (process.platform === "linux") installSystemPackages(needs);
if (needs.yardsticks) installForTests();
if (needs.codeServer) installCodeServer();
const { status } = spawnSync(NODE, [join(ROOT, "scripts", `${command}.ts`), ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: pathWithNode() },
});
process.exitCode = status ?? 1;

/** What a command needs beside npm's packages. */
function needsOf(name, given) {
  if (name === "test") {
    return {
      codeServer: process.platform !== "win32",
      chromium: true,
      yardsticks: isDebian(),
      vulkan: process.arch === "x64",
    };
  }
  const opens = name === "start" && !given.includes("--no-open");
  return { codeServer: opens && !hasDesktopCode(), chromium: false, yardsticks: false };
}

/** Whether a desktop VS Code can be opened here. */
function hasDesktopCode() {
  if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return false;
  return spawnSync("code", ["--version"], { shell: process.platform === "win32" }).status === 0;
}

function installDependencies() {
  const stampFile = join(ROOT, "node_modules", ".lookalike-installed");
  const lock = readFileSync(join(ROOT, "package-lock.json"));
  const stamp = createHash("sha256").update(lock).update(`${process.platform}-${process.arch}`).digest("hex");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp && existsSync(NODE)) return;
  step("Installing npm packages", () => {
    npm(["ci", "--no-audit", "--no-fund"], { ONNXRUNTIME_NODE_INSTALL: "skip" });
    // npm may be set to run no install scripts; Node's own is the only one that matters here.
    if (!existsSync(NODE))
      run(process.execPath, ["installArchSpecificPackage"], { cwd: join(ROOT, "node_modules", "node") });
  });
  if (!existsSync(NODE))
    fail(`Node ${NODE_VERSION} was not installed to ${NODE}. Run "npm ci" and look at its messages.`);
  writeFileSync(stampFile, stamp);
}

function installSystemPackages({ codeServer, chromium, vulkan }) {
  const missing = [];
  if (chromium && !process.env.CHROMIUM && !existsSync("/usr/bin/chromium") && !existsSync("/usr/bin/google-chrome")) {
    missing.push("chromium", "fonts-dejavu-core");
  }
  // WebGPU is tested with the Vulkan driver that comes with Chromium; the loader is a package of its own.
  if (
    vulkan &&
    !["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"].some((folder) =>
      existsSync(join(folder, "libvulkan.so.1")),
    )
  ) {
    missing.push("libvulkan1");
  }
  if (codeServer && !existsSync(CODE_SERVER)) {
    if (!existsSync("/usr/include/krb5.h") && !existsSync("/usr/include/krb5/krb5.h")) missing.push("libkrb5-dev");
    if (!isOnPath("g++") || !isOnPath("make")) missing.push("build-essential");
    if (!isOnPath("python3")) missing.push("python3");
  }
  if (missing.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (!isOnPath("apt-get"))
    fail(`These system packages are missing: ${missing.join(", ")}. Install them, then run again.`);
  if (process.getuid?.() !== 0) fail(`System packages are missing. Run this once, then run again:\n\n  sudo ${line}\n`);
  step(`Installing ${missing.join(", ")}`, () => aptInstall(missing));
}

/**
 * Torch is the yardstick of some tests, and a PostgreSQL is started and stopped by others; both are skipped where they are not there.
 * libopenblas0 by name, since it only comes as a recommended package, and torch is twenty times slower without it.
 */
function installForTests() {
  // Not python3 from the path: a version manager's own Python does not see Debian's packages.
  const hasTorch = spawnSync("/usr/bin/python3", ["-c", "import torch"]).status === 0;
  if (!hasTorch) installOptional("torch", ["python3-torch", "libopenblas0"]);
  if (!existsSync("/usr/lib/postgresql") && !isOnPath("initdb")) installOptional("PostgreSQL", ["postgresql"]);
}

/** Where it cannot be had, that is no failure. */
function installOptional(what, packages) {
  if (process.getuid?.() !== 0) {
    console.log(`Tests against ${what} will be skipped. To run them: sudo apt-get install ${packages.join(" ")}`);
    return;
  }
  process.stdout.write(`Installing ${packages.join(", ")} (a minute or two, once) ... `);
  try {
    aptInstall(packages);
    console.log("done");
  } catch (error) {
    console.log(`failed; tests against ${what} will be skipped\n${error.message}`);
  }
}

function aptInstall(packages) {
  // Another installation may hold the lock for a while.
  const apt = ["-o", "DPkg::Lock::Timeout=300", "-qq"];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", [...apt, "update"], { env });
  run("apt-get", [...apt, "install", "-y", "--no-install-recommends", ...packages], { env, quiet: true });
}

function isDebian() {
  const release = "/etc/os-release";
  return existsSync(release) && /^ID=debian$/m.test(readFileSync(release, "utf8"));
}

/** code-server compiles some of its native modules: minutes, once. */
function installCodeServer() {
  if (existsSync(CODE_SERVER)) return;
  step(`Installing code-server ${CODE_SERVER_VERSION} (a few minutes, once)`, () => {
    const nodedir = existsSync(join(NODE_FOLDER, "include")) ? { npm_config_nodedir: NODE_FOLDER } : {};
    const install = () =>
      npm(["install", "--prefix", CODE_SERVER_FOLDER, "--no-save", `code-server@${CODE_SERVER_VERSION}`], nodedir);
    mkdirSync(CODE_SERVER_FOLDER, { recursive: true });
    try {
      install();
    } catch {
      // A dropped connection is the usual cause.
      rmSync(CODE_SERVER_FOLDER, { recursive: true, force: true });
      mkdirSync(CODE_SERVER_FOLDER, { recursive: true });
      install();
    }
  });
}

function pathWithNode() {
  return [NODE_BIN, join(ROOT, "node_modules", ".bin"), process.env.PATH].join(delimiter);
}

function npm(npmArgs, env = {}) {
  const withNode = existsSync(NODE) ? { PATH: pathWithNode() } : {};
  const own = process.env.npm_execpath;
  // The outer npm names its own Node here, and code-server's install script believes it rather than look.
  const userAgent = { npm_config_user_agent: undefined };
  const options = { env: { ...withNode, ...userAgent, npm_config_loglevel: "error", ...env }, quiet: true };
  if (own) run(existsSync(NODE) ? NODE : process.execPath, [own, ...npmArgs], options);
  else run("npm", npmArgs, options);
}

/** Runs a program in the project's folder; throws with its output where it fails. */
function run(program, programArgs, { env = {}, cwd = ROOT, quiet = false } = {}) {
  const result = spawnSync(program, programArgs, {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "ignore", "inherit"],
  });
  if (result.status === 0) return;
  const output = `${result.stdout ?? ""}${result.stderr ?? ""}`.trim().split("\n").slice(-30).join("\n");
  throw new Error(`${program} ${programArgs.join(" ")} failed (${result.error?.message ?? result.status}):\n${output}`);
}

function step(name, work) {
  process.stdout.write(`${name} ... `);
  const start = Date.now();
  try {
    work();
  } catch (error) {
    console.log("failed");
    fail(error.message);
  }
  console.log(`${((Date.now() - start) / 1000).toFixed(0)} s`);
}

function isOnPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
