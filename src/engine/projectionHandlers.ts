import type { CancellationToken } from "vscode-jsonrpc/node";
import {
  COMBINED,
  type FolderParams,
  type Handlers,
  type ProjectionParameters,
  type ProjectionRequests,
  type ProjectionStep,
} from "../shared/index.ts";
import { cancellable } from "./cancellable.ts";
import type { Folders } from "./folders.ts";
import type { Notify } from "./handlers.ts";
import { throttle } from "./throttle.ts";

type Core = Awaited<ReturnType<Folders["core"]>>;
type Projection = Awaited<ReturnType<Core["projectFolder"]>>["projection"];
type Asked = FolderParams & { readonly parameters: ProjectionParameters };

/** Reports of a step are at least this far apart, in milliseconds. */
const PROGRESS_INTERVAL = 200;

const CANCELLED = "Making the maps was cancelled.";

/** What the engine answers about projections. It holds the latest one, for the neighbours of its points. */
export function projectionHandlers(folders: Folders, notify: Notify): Handlers<ProjectionRequests, CancellationToken> {
  let held: { readonly key: string; readonly projection: Promise<Projection> } | undefined;
  const hold = (key: string, projection: Promise<Projection>) => {
    const next = { key, projection };
    held = next;
    // A failure is not kept: the next request tries again.
    projection.catch(() => {
      if (held === next) held = undefined;
    });
    return projection;
  };
  const sourceOf = async (params: FolderParams) => (await folders.get(params)).source();
  const warn = (message: string) => notify("log", { level: "warn", message });

  return {
    "projection/run": (params, token) =>
      cancellable(token, CANCELLED, async (signal) => {
        const { run, parameters } = params;
        const core = await folders.core();
        const source = await sourceOf(params);
        let step: ProjectionStep = { phase: "reading", done: 0 };
        const tell = throttle(async () => notify("projection/progress", { run, ...step }), PROGRESS_INTERVAL);
        try {
          const { projection, summary } = await core.projectFolder(source, parameters, {
            signal,
            warn,
            onImages: (paths) =>
              notify("projection/images", { run, descriptors: [...source.model.descriptors, COMBINED], paths }),
            onLayout: (layout) => notify("projection/layout", { run, ...layout }),
            onProgress(progress) {
              step = progress;
              tell();
            },
          });
          hold(await keyOf(folders, params), Promise.resolve(projection));
          const maps = Object.fromEntries([...projection.maps].map(([name, { points }]) => [name, points]));
          return { paths: projection.paths, maps, summary };
        } finally {
          tell.stop();
        }
      }),

    "projection/neighbours": async (params) => {
      const key = await keyOf(folders, params);
      const core = await folders.core();
      // Not held any more, since the engine was started again or another folder was looked at: read what was kept.
      const projection = await (held?.key === key
        ? held.projection
        : hold(
            key,
            sourceOf(params)
              .then((source) => core.projectFolder(source, params.parameters, { warn }))
              .then((made) => made.projection),
          ));
      const row = projection.paths.indexOf(params.path);
      return Object.fromEntries(
        [...projection.tables.keys()].map((descriptor) => {
          const nearest = row < 0 ? [] : core.neighboursOf(projection, descriptor, row, params.k);
          return [descriptor, nearest.map(({ path, score }) => ({ path, score }))];
        }),
      );
    },
  };
}

/** What a projection depends on, but for the index itself. */
async function keyOf(folders: Folders, params: Asked): Promise<string> {
  const { folder, location, adapt, parameters } = params;
  return JSON.stringify([folder, location, adapt, await folders.modelFile(params), parameters]);
}
