import type { FolderStatus, IndexDetails, KeptIndex, SkippedFile, Vanished } from "../../shared/index.ts";

/** What is known of a root's index. */
export interface RootState {
  readonly folder: string;
  /** Absent until the engine has answered. */
  readonly details?: IndexDetails;
  /** The engine's latest word on a run. */
  readonly status?: FolderStatus;
  readonly running: boolean;
  readonly paused: boolean;
  /** A run has ended well in this window, and changes have been followed since. */
  readonly upToDate: boolean;
  /** Why the last run, or the look at the index, failed. */
  readonly failure?: string;
  /** Where that is that nearly all images were gone at once. */
  readonly vanished?: Vanished;
}

export type RootCondition = "running" | "paused" | "failed" | "ready" | "none";

export function conditionOf({ running, paused, failure, details }: RootState): RootCondition {
  if (running) return "running";
  if (paused) return "paused";
  if (failure !== undefined) return "failed";
  return details?.current == null || details.current.rows + details.current.skipped === 0 ? "none" : "ready";
}

/** A row of the tree. */
export type IndexNode =
  | { readonly kind: "root"; readonly folder: string }
  | { readonly kind: "model"; readonly folder: string; readonly current: KeptIndex }
  | { readonly kind: "device"; readonly folder: string; readonly status: FolderStatus }
  | { readonly kind: "size"; readonly folder: string; readonly bytes: number; readonly place: string }
  | { readonly kind: "failure"; readonly folder: string; readonly reason: string }
  | { readonly kind: "vanished"; readonly folder: string; readonly reason: string }
  | { readonly kind: "skipped"; readonly folder: string; readonly files: readonly SkippedFile[] }
  | { readonly kind: "reason"; readonly folder: string; readonly reason: string; readonly files: readonly string[] }
  | { readonly kind: "file"; readonly folder: string; readonly path: string }
  | { readonly kind: "others"; readonly folder: string; readonly indexes: readonly KeptIndex[] }
  | { readonly kind: "kept"; readonly folder: string; readonly index: KeptIndex };

/** What lies under a root. */
export function nodesOf({ folder, details, status, failure, vanished }: RootState): IndexNode[] {
  const nodes: IndexNode[] = [];
  if (failure !== undefined) {
    nodes.push({ kind: vanished === undefined ? "failure" : "vanished", folder, reason: failure });
  }
  if (details === undefined) return nodes;
  const { current, skipped, others, bytes, place } = details;
  if (current !== null) nodes.push({ kind: "model", folder, current });
  if (status !== undefined) nodes.push({ kind: "device", folder, status });
  if (skipped.length > 0) nodes.push({ kind: "skipped", folder, files: skipped });
  if (bytes > 0) nodes.push({ kind: "size", folder, bytes, place });
  if (others.length > 0) nodes.push({ kind: "others", folder, indexes: others });
  return nodes;
}

/** Skipped files by reason, the most frequent first. */
export function byReason(folder: string, files: readonly SkippedFile[]): IndexNode[] {
  const groups = new Map<string, string[]>();
  for (const { path, reason } of files) {
    const group = groups.get(reason);
    if (group === undefined) groups.set(reason, [path]);
    else group.push(path);
  }
  return [...groups]
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .map(([reason, group]) => ({ kind: "reason", folder, reason, files: group }));
}

/** Bytes as people read them: `1.5 MB`. */
export function readableBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${value >= 100 || step === 0 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
}
