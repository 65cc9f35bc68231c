import { spawn } from "node:child_process";
import { promises as fs } from "node:fs";
import { dirname, join } from "node:path";

/** Something that can be cancelled: VS Code's token. */
interface Token {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): { dispose(): void };
}

/** The interpreter of an environment. */
export function pythonOf(folder: string): string {
  return process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
}

/**
 * Makes an environment with torch: by uv where it is installed, else by Python's own venv and pip. A folder that is there is
 * made anew, and what is cancelled or fails leaves none.
 * @param tell called with each line of output
 * @throws Error with the last line of the program that failed
 */
export async function makeEnvironment(folder: string, token: Token, tell: (line: string) => void): Promise<void> {
  // Python looks for modules, and Windows for programs, in the current folder first, which may be that of a workspace.
  const cwd = dirname(folder);
  await fs.mkdir(cwd, { recursive: true });
  const run = (command: string, ...args: readonly string[]) => runTool(command, args, cwd, token, tell);
  const [uv, base] = [await works("uv", cwd), process.platform === "win32" ? "python" : "python3"];
  await fs.rm(folder, { recursive: true, force: true });
  try {
    if (uv) {
      await run("uv", "venv", folder);
      await run("uv", "pip", "install", "--python", pythonOf(folder), "torch", "numpy");
    } else {
      await run(base, "-m", "venv", folder);
      await run(pythonOf(folder), "-m", "pip", "install", "--disable-pip-version-check", "torch", "numpy");
    }
  } catch (error) {
    await fs.rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function works(command: string, cwd: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, ["--version"], { cwd, stdio: "ignore", windowsHide: true });
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
  });
}

function runTool(
  command: string,
  args: readonly string[],
  cwd: string,
  token: Token,
  tell: (line: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    const cancel = () => child.kill();
    const listening = token.onCancellationRequested(cancel);
    if (token.isCancellationRequested) cancel();
    let last = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        for (const line of text.split(/[\r\n]+/).filter((each) => each.trim() !== "")) {
          last = line.trim();
          tell(last);
        }
      });
    }
    const failed = (why: string) => reject(new Error(`${command} ${args[0] ?? ""}: ${why}`));
    child.on("error", (error) => {
      listening.dispose();
      failed(error.message);
    });
    child.on("close", (code, signal) => {
      listening.dispose();
      if (code === 0) resolve();
      else failed(token.isCancellationRequested ? "cancelled" : last || String(code ?? signal));
    });
  });
}
