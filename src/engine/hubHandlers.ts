import type { CancellationToken } from "vscode-jsonrpc/node";
import type { Handlers, HubAccess, HubRequests } from "../shared/index.ts";
import { cancellable } from "./cancellable.ts";
import type { Folders } from "./folders.ts";
import type { Notify } from "./notify.ts";
import { throttle } from "./throttle.ts";

/** Reports of a transfer are at least this far apart, in milliseconds. */
const PROGRESS_INTERVAL = 200;

const CANCELLED = "The download was cancelled.";

/** What the engine answers about a model hub. Its library is only loaded by these requests. */
export function hubHandlers(folders: Folders, notify: Notify): Handlers<HubRequests, CancellationToken> {
  return {
    "hub/backbones": async () => (await import("../core/model/hub/index.ts")).HUB_BACKBONES,

    "hub/list": ({ repo, ...hub }, token) =>
      cancellable(token, CANCELLED, async (signal) => {
        const { openRepository } = await import("../core/model/hub/index.ts");
        const { commit, licence, files } = await openRepository(repo, { ...access(hub), signal });
        return { repo, commit, licence, files: files.map(({ path, size }) => ({ path, bytes: size })) };
      }),

    "hub/install": (params, token) =>
      cancellable(token, CANCELLED, async (signal) => {
        const { repo, path } = params;
        let state = { done: 0, total: 0 };
        const tell = throttle(async () => notify("models/transfer", { repo, path, ...state }), PROGRESS_INTERVAL);
        try {
          const { installFromHub } = await folders.core();
          return await installFromHub(await folders.shelf(), params, {
            ...access(params),
            signal,
            onProgress(progress) {
              state = progress;
              tell();
            },
          });
        } finally {
          tell.stop();
        }
      }),
  };
}

/** Where the request leaves the hub open, the environment decides, as for the command line. */
function access({ proxy, endpoint }: HubAccess): HubAccess {
  const hub = endpoint ?? process.env["HF_ENDPOINT"];
  return { ...(proxy ? { proxy } : {}), ...(hub ? { endpoint: hub } : {}) };
}
