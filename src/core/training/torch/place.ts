import { spawn } from "node:child_process";
import { dirname, resolve } from "node:path";
import type { TorchPlace } from "../../../shared/index.ts";
import { TrainingError } from "../data/trainingError.ts";

/** Where nothing is chosen. The first on the path need not be the one that has torch: Debian's is in `/usr/bin`. */
const CANDIDATES =
  process.platform === "win32" ? (["python", "py"] as const) : (["python3", "/usr/bin/python3", "python"] as const);

/** Importing torch takes seconds, from a cold disk many. Milliseconds. */
const PATIENCE = 120_000;

/**
 * Where interpreters are started. Python looks for the modules of a program that is given as text, and Windows for programs, in the
 * current folder first, which may be a folder of others.
 */
const ELSEWHERE = dirname(process.execPath);

const PROOF =
  "import json, torch; print(json.dumps({'version': torch.__version__, 'gpus': torch.cuda.device_count() if torch.cuda.is_available() else 0}))";

/**
 * Looks for an interpreter that can import torch, by importing it.
 * @param candidates in the order of trying; the usual ones where none is given
 * @returns the first that can, or why each cannot
 */
export async function searchTorch(
  candidates: readonly string[],
  signal?: AbortSignal,
): Promise<TorchPlace | readonly string[]> {
  const reasons: string[] = [];
  for (const candidate of candidates.length === 0 ? CANDIDATES : candidates) {
    const found = await proveTorch(candidate, signal);
    if (typeof found !== "string") return found;
    reasons.push(`${candidate}: ${found}`);
  }
  return reasons;
}

/**
 * The same for a training.
 * @param python the only one that is tried, where given
 * @throws TrainingError with the two ways on
 */
export async function findTorch(python: string | undefined, signal?: AbortSignal): Promise<TorchPlace> {
  const found = await searchTorch(python === undefined ? [] : [python], signal);
  if ("python" in found) return found;
  throw new TrainingError(
    `No Python with torch was found (${found.join("; ")}). Choose an interpreter that can import torch 1.13 or newer (--python, or the setting lookalike.training.python), or train with the built-in engine.`,
  );
}

/** @returns what was found, or why it cannot be used */
async function proveTorch(candidate: string, signal: AbortSignal | undefined): Promise<TorchPlace | string> {
  const python = /[\\/]/.test(candidate) ? resolve(candidate) : candidate;
  const { code, out, err, failure } = await output(python, ["-c", PROOF], signal);
  signal?.throwIfAborted();
  if (failure !== undefined) return failure;
  if (code !== 0) return err.trim().split("\n").at(-1) || `exit code ${code}`;
  const told = parsed(out);
  if (told === undefined) return "it says nothing that can be understood";
  const [major = 0, minor = 0] = told.version.split(".").map((part) => Number.parseInt(part, 10));
  if (major < 1 || (major === 1 && minor < 13)) return `torch ${told.version} is older than 1.13`;
  return { python, ...told };
}

function parsed(text: string): { version: string; gpus: number } | undefined {
  try {
    const told: unknown = JSON.parse(text.trim().split("\n").at(-1)!);
    if (typeof told !== "object" || told === null || !("version" in told) || !("gpus" in told)) return undefined;
    return typeof told.version === "string" && typeof told.gpus === "number"
      ? { version: told.version, gpus: told.gpus }
      : undefined;
  } catch {
    return undefined;
  }
}

interface Output {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Why it did not start, or was ended. */
  readonly failure?: string;
}

function output(command: string, args: readonly string[], signal: AbortSignal | undefined): Promise<Output> {
  return new Promise((resolve) => {
    const child = spawn(command, [...args], {
      cwd: ELSEWHERE,
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    const parts = { out: "", err: "" };
    let failure: string | undefined;
    const late = setTimeout(() => {
      failure = `no answer after ${PATIENCE / 1000} s`;
      child.kill("SIGKILL");
    }, PATIENCE);
    const abort = () => child.kill("SIGKILL");
    signal?.addEventListener("abort", abort, { once: true });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      parts.out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      parts.err = (parts.err + text).slice(-4000);
    });
    const end = (code: number | null) => {
      clearTimeout(late);
      signal?.removeEventListener("abort", abort);
      resolve({ code, ...parts, ...(failure === undefined ? {} : { failure }) });
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      failure = error.code === "ENOENT" ? "there is no such program" : error.message;
      end(null);
    });
    child.on("close", end);
  });
}
