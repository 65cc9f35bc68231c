import { type CancellationToken, ResponseError } from "vscode-jsonrpc/node";
import {
  type EngineNotifications,
  type EngineRequests,
  type FolderParams,
  type Handlers,
  REQUEST_CANCELLED,
} from "../shared/index.ts";
import type { Folders } from "./folders.ts";
import { IndexJobs } from "./jobs.ts";
import { throttle } from "./throttle.ts";

/** Sends a notification of the protocol. */
export type Notify = <M extends keyof EngineNotifications>(method: M, params: EngineNotifications[M]) => void;

/** Progress reports per folder are at least this far apart, in milliseconds. */
const PROGRESS_INTERVAL = 200;

/** What the engine answers to each request of the protocol. */
export function engineHandlers(folders: Folders, notify: Notify): Handlers<EngineRequests, CancellationToken> {
  const jobs = new IndexJobs();

  async function announce(params: FolderParams): Promise<void> {
    notify("folder/changed", await (await folders.get(params)).status());
  }

  return {
    "folder/status": async (params) => (await folders.get(params)).status(),

    "folder/index": (params, token) =>
      jobs.run(JSON.stringify([params.folder, params.location ?? ""]), token, async (signal) => {
        const index = await folders.get(params);
        const onProgress = throttle(() => announce(params), PROGRESS_INTERVAL);
        try {
          const summary = await index.update({ rebuild: params.rebuild ?? false, signal, onProgress });
          for (const { path, reason } of summary.skipped) {
            notify("log", { level: "warn", message: `Skipped ${path}: ${reason}` });
          }
          return summary;
        } catch (error) {
          throw signal.aborted ? new ResponseError(REQUEST_CANCELLED, "Indexing was cancelled.") : error;
        } finally {
          onProgress.stop();
          await announce(params);
        }
      }),

    "image/similar": async (params) => (await folders.get(params)).similar(params.image, params.k),

    "setup/check": (params) => folders.checkSetup(params),

    "image/thumbnail": async (params) => (await folders.get(params)).thumbnail(params.image, params.size),
  };
}
