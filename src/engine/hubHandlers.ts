import type { CancellationToken } from "vscode-jsonrpc/node";
import type { Handlers, HubAccess, HubRequests, HubWeights } from "../shared/index.ts";
import { cancellable } from "./cancellable.ts";
import type { Folders } from "./folders.ts";
import type { Notify } from "./notify.ts";
import { throttle } from "./throttle.ts";

/** Reports of a transfer are at least this far apart, in milliseconds. */
const PROGRESS_INTERVAL = 200;

type Hub = typeof import("../core/model/hub/index.ts");
type Repository = Awaited<ReturnType<Hub["openRepository"]>>;

const CANCELLED = "The download was cancelled.";

/** What the engine answers about a model hub. Its library is only loaded by these requests. */
export function hubHandlers(folders: Folders, notify: Notify): Handlers<HubRequests, CancellationToken> {
  return {
    "hub/catalogue": async () => (await import("../core/model/hub/index.ts")).CATALOGUE,

    "hub/list": ({ repo, ...hub }, token) =>
      cancellable(token, CANCELLED, async (signal) => {
        const core = await import("../core/model/hub/index.ts");
        const options = { ...access(hub, core.tokenOfEnvironment()), signal };
        try {
          const repository = await core.openRepository(repo, options);
          const { commit, licence, files } = repository;
          const licences = await core.statedLicences(repository, options);
          const listed = core.inOrderOfUse(files, false).map((file) => ({
            path: file.path,
            bytes: core.sizeOfNetwork(repository, file),
            precision: core.precisionOf(file.path),
            text: wordsOf(core, repository, file),
          }));
          return { repo, commit, licence, licences, files: listed };
        } catch (error) {
          if (error instanceof core.HubDenied) return { denied: error.message };
          throw error;
        }
      }),

    "hub/install": (params, token) =>
      cancellable(token, CANCELLED, async (signal) => {
        const { repo, path } = params;
        let state = { done: 0, total: 0 };
        const tell = throttle(async () => notify("models/transfer", { repo, path, ...state }), PROGRESS_INTERVAL);
        try {
          const { installFromHub } = await folders.core();
          return await installFromHub(await folders.shelf(), params, {
            ...access(params, (await import("../core/model/hub/index.ts")).tokenOfEnvironment()),
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

function wordsOf(core: Hub, repository: Repository, file: Repository["files"][number]): HubWeights["text"] {
  const tower = core.textTowerOf(repository, file);
  return tower === undefined ? null : { path: tower.path, bytes: core.sizeOfText(repository, tower) };
}

/** Where the request leaves the hub open, the environment decides, as for the command line. */
function access({ proxy, endpoint, token }: HubAccess, own: string | undefined): HubAccess {
  const hub = endpoint ?? process.env["HF_ENDPOINT"];
  const known = token ?? own;
  return { ...(proxy ? { proxy } : {}), ...(hub ? { endpoint: hub } : {}), ...(known ? { token: known } : {}) };
}
