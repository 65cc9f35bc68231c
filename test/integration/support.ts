import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { LookalikeApi } from "../../src/extension/extension.ts";
import type { Services } from "../../src/extension/services.ts";
import type { SimilarState } from "../../src/shared/index.ts";

export function folder(): string {
  return vscode.workspace.workspaceFolders![0]!.uri.fsPath;
}

export async function api(): Promise<LookalikeApi> {
  return vscode.extensions.getExtension<LookalikeApi>("lookalike.lookalike")!.activate();
}

export async function services(): Promise<Services> {
  return (await api()).services();
}

/** Waits until `ready` returns something, at most `seconds`. */
export async function until<T>(
  what: string,
  ready: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 40,
): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const value = await ready();
    if (value !== undefined && value !== false) return value;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`Waited ${seconds} s for ${what}.`);
}

/** Runs Find Similar on a file of the workspace, and waits until the lists stand and nothing is under way. */
export async function findSimilar(path: string): Promise<SimilarState> {
  const image = vscode.Uri.file(join(folder(), path));
  await vscode.commands.executeCommand("lookalike.findSimilar", image);
  const { similar, runs } = await services();
  return until(`the results of ${path}`, () => {
    const state = similar.current?.session.state;
    const settled = state !== undefined && !state.searching && state.progress === null && !runs.isRunning(folder());
    return (
      settled && state.query.name === image.path.split("/").at(-1) && (state.result ?? state.notice) !== null && state
    );
  });
}

/** Paths of the images in the workspace's emoji folders. */
export function emojiPaths(): string[] {
  return readdirSync(folder(), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => readdirSync(join(folder(), entry.name)).map((name) => `${entry.name}/${name}`))
    .sort();
}

/** Native modules that are mapped into this process; only Linux tells. */
export function mappedNatives(): string[] {
  const maps = readFileSync("/proc/self/maps", "utf8");
  return ["sharp", "onnxruntime", "better_sqlite3"].filter((name) => maps.includes(name));
}
