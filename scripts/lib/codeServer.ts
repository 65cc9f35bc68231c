/** A VS Code in the browser: code-server, started with folders of its own so that no run sees another. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CODE_SERVER } from "./paths.mjs";

export interface CodeServerOptions {
  /** Environment for the server and, through it, the extension host. */
  readonly env?: NodeJS.ProcessEnv;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The same of settings of the scope `machine`. */
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** Workspace trust as users have it; otherwise every folder is trusted. */
  readonly trust?: boolean;
  /** A .vsix to install first. */
  readonly vsix?: string;
}

export interface CodeServer {
  readonly port: number;
  readonly userData: string;
  /** What the server printed. */
  readonly logFile: string;
  /**
   * Address of a window.
   * @param folder or a `.code-workspace` file; none for an empty window
   * @param payload for development: `extensionDevelopmentPath`, `extensionTestsPath`
   */
  address(folder: string | undefined, payload?: Readonly<Record<string, string>>): string;
  stop(): Promise<void>;
}

/** Quiet, and the same in every run. */
const SETTINGS = {
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Light Modern",
  // The theme is the one that is set, whatever the system has.
  "window.autoDetectHighContrast": false,
  "window.autoDetectColorScheme": false,
  "extensions.autoUpdate": false,
  "git.enabled": false,
  "explorer.confirmDelete": false,
  // Nothing that moves for its own sake: it takes the time of whoever draws it, and a click waits for it.
  "workbench.reduceMotion": "on",
  "editor.cursorBlinking": "solid",
};

export async function startCodeServer(options: CodeServerOptions = {}): Promise<CodeServer> {
  const home = mkdtempSync(join(tmpdir(), "lookalike-code-"));
  const userData = join(home, "data");
  const temporary = join(home, "tmp");
  for (const folder of [join(userData, "User"), temporary]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(userData, "User", "settings.json"), JSON.stringify({ ...SETTINGS, ...options.settings }));
  // What belongs to a machine does not come from a user's settings.
  mkdirSync(join(userData, "Machine"));
  writeFileSync(join(userData, "Machine", "settings.json"), JSON.stringify(options.machineSettings ?? {}));
  const folders = [
    "--user-data-dir",
    userData,
    "--extensions-dir",
    join(home, "extensions"),
    "--config",
    join(home, "config.yaml"),
  ];
  const logFile = join(home, "server.log");
  const run = (args: readonly string[]) => {
    const child = spawn(process.execPath, [join(CODE_SERVER, "out", "node", "entry.js"), ...args], {
      // VS Code leaves sockets and logs there. Elsewhere the path would be too long for a socket.
      env: { ...process.env, ...(process.platform === "linux" ? { TMPDIR: temporary } : {}), ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: the server's children end with it.
      detached: process.platform !== "win32",
    });
    const log = createWriteStream(logFile, { flags: "a" });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    return child;
  };
  if (options.vsix !== undefined)
    await finished(run([...folders, "--install-extension", resolve(options.vsix)]), logFile);
  const server = run([
    ...["--bind-addr", "127.0.0.1:0", "--auth", "none", ...folders],
    ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override", "--ignore-last-opened"],
    ...(options.trust ? [] : ["--disable-workspace-trust"]),
    // Without it a built VS Code ignores an extension under development in the address.
    ...["--vscode-option", "enable-smoke-test-driver"],
  ]);
  const stop = async () => {
    await stopGroup(server);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  let port: number;
  try {
    port = await ready(server, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  const remote = (path: string) => `vscode-remote://127.0.0.1:${port}${resolve(path)}`;
  return {
    port,
    userData,
    logFile,
    address(folder, payload = {}) {
      const query = new URLSearchParams(
        folder === undefined
          ? { ew: "true" }
          : { [folder.endsWith(".code-workspace") ? "workspace" : "folder"]: resolve(folder) },
      );
      const pairs = Object.entries(payload).map(([key, path]) => [key, remote(path)]);
      if (pairs.length > 0) query.set("payload", JSON.stringify(pairs));
      return `http://127.0.0.1:${port}/?${query}`;
    },
    stop,
  };
}

/** Waits until the server answers. @returns its port, which the system chose: one that was free a moment ago may be another server's */
async function ready(server: ChildProcess, logFile: string): Promise<number> {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(100)) {
    if (server.exitCode !== null) throw new Error(`code-server ended with ${server.exitCode}; see ${logFile}`);
    const text = existsSync(logFile) ? readFileSync(logFile, "utf8") : "";
    const port = Number(/listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1]);
    if (!Number.isInteger(port)) continue;
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.ok) return port;
  }
  throw new Error(`code-server did not answer within two minutes; see ${logFile}`);
}

async function finished(child: ChildProcess, logFile: string): Promise<void> {
  const code = await new Promise((done) => child.on("exit", done));
  if (code !== 0) throw new Error(`code-server ended with ${code}; see ${logFile}`);
}

async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const group = process.platform === "win32" ? child.pid : -child.pid;
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    try {
      process.kill(group, signal);
    } catch {
      return; // nobody left
    }
    for (const end = Date.now() + 2000; Date.now() < end && lives(group); ) await sleep(50);
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
