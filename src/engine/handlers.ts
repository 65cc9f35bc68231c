import { type CancellationToken, ResponseError } from "vscode-jsonrpc/node";
import {
  type EngineRequests,
  type FolderParams,
  type FolderStatus,
  type Handlers,
  IMAGES_VANISHED,
  REQUEST_CANCELLED,
  type Vanished,
} from "../shared/index.ts";
import { evaluationHandlers } from "./evaluationHandlers.ts";
import type { Folders } from "./folders.ts";
import { hubHandlers } from "./hubHandlers.ts";
import { importHandlers } from "./importHandlers.ts";
import { indexHandlers } from "./indexHandlers.ts";
import { IndexJobs } from "./jobs.ts";
import { modelHandlers } from "./modelHandlers.ts";
import type { Notify } from "./notify.ts";
import { projectionHandlers } from "./projectionHandlers.ts";
import { queryHandlers } from "./queryHandlers.ts";
import { throttle } from "./throttle.ts";
import { trainingHandlers } from "./trainingHandlers.ts";

type Index = Awaited<ReturnType<Folders["get"]>>;

/** Progress reports per folder are at least this far apart, in milliseconds. */
const PROGRESS_INTERVAL = 200;

/** What the engine answers to each request of the protocol. */
export function engineHandlers(folders: Folders, notify: Notify): Handlers<EngineRequests, CancellationToken> {
  const jobs = new IndexJobs();

  async function status(params: FolderParams, index?: Index): Promise<FolderStatus> {
    const { model: asked } = params;
    return { ...(await (index ?? (await folders.get(params))).status()), ...(asked === undefined ? {} : { asked }) };
  }

  folders.onChange = (params, index) => {
    status(params, index).then(
      (now) => notify("folder/changed", { ...now, byOthers: true }),
      // Whoever asks is told.
      (error: unknown) => notify("log", { level: "debug", message: String(error) }),
    );
  };

  return {
    ...modelHandlers(folders),
    ...indexHandlers(folders),
    ...hubHandlers(folders, notify),
    ...importHandlers(folders),
    ...projectionHandlers(folders, notify),
    ...queryHandlers(folders, notify),
    ...evaluationHandlers(folders, notify),
    ...trainingHandlers(folders),

    "folder/status": (params) => status(params),

    "folder/index": async (params, token) => {
      // A run belongs to its model: after another choice, a new run does not join one with the old model.
      const key = JSON.stringify([params.folder, params.location ?? "", await folders.modelFile(params)]);
      return jobs.run(key, token, async (signal) => {
        const index = await folders.get(params);
        const announce = async () => notify("folder/changed", await status(params, index));
        const onProgress = throttle(announce, PROGRESS_INTERVAL);
        try {
          const { rebuild, second, handcrafted, acceptRemoved, shareThumbnails, filter } = params;
          const asked = { rebuild, second, handcrafted, acceptRemoved, shareThumbnails, filter };
          const summary = await index.update({ ...asked, signal, onProgress });
          for (const { path, reason } of summary.skipped) {
            notify("log", { level: "warn", message: `Skipped ${path}: ${reason}` });
          }
          for (const path of summary.partial) notify("log", { level: "info", message: `Read in part: ${path}` });
          return summary;
        } catch (error) {
          const { VanishedError } = await folders.core();
          if (error instanceof VanishedError) {
            const { message, gone, indexed } = error;
            throw new ResponseError(IMAGES_VANISHED, message, { gone, indexed } satisfies Vanished);
          }
          throw signal.aborted ? new ResponseError(REQUEST_CANCELLED, "Indexing was cancelled.") : error;
        } finally {
          onProgress.stop();
          await announce();
        }
      });
    },

    "setup/check": (params) => folders.checkSetup(params),

    "image/picture": async ({ image, size, decodeSeconds }) => {
      const core = await folders.core();
      if (decodeSeconds !== undefined) core.limitDecoding(decodeSeconds);
      return core.makeThumbnail(image, size);
    },

    "image/thumbnail": async (params) => (await folders.get(params)).thumbnail(params.image, params.size),
  };
}
