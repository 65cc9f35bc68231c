import type { CancellationToken } from "vscode-jsonrpc/node";
import { COMBINED, type Handlers, type ProjectionRequests, type ProjectionStep } from "../shared/index.ts";
import { cancellable } from "./cancellable.ts";
import { columnHandlers } from "./columnHandlers.ts";
import type { Folders } from "./folders.ts";
import { HeldProjection } from "./heldProjection.ts";
import type { Notify } from "./notify.ts";
import { throttle } from "./throttle.ts";

/** Reports of a step are at least this far apart, in milliseconds. */
const PROGRESS_INTERVAL = 200;

const CANCELLED = "Making the maps was cancelled.";

/** What the engine answers about projections. It holds the latest one, for the neighbours of its points. */
export function projectionHandlers(folders: Folders, notify: Notify): Handlers<ProjectionRequests, CancellationToken> {
  const warn = (message: string) => notify("log", { level: "warn", message });
  const held = new HeldProjection(folders, warn);

  return {
    ...columnHandlers(folders, held),

    "projection/run": (params, token) =>
      cancellable(token, CANCELLED, async (signal) => {
        const { run, parameters } = params;
        const core = await folders.core();
        const { source, keep } = await held.source(params);
        let step: ProjectionStep = { phase: "reading", done: 0 };
        const tell = throttle(async () => notify("projection/progress", { run, ...step }), PROGRESS_INTERVAL);
        try {
          const { projection, summary } = await core.projectFolder(source, parameters, {
            signal,
            warn,
            keep,
            onImages: (paths) =>
              notify("projection/images", { run, descriptors: [...source.model.descriptors, COMBINED], paths }),
            onLayout: (layout) => notify("projection/layout", { run, ...layout }),
            onProgress(progress) {
              step = progress;
              tell();
            },
          });
          await held.put(params, projection);
          const maps = Object.fromEntries([...projection.maps].map(([name, { points }]) => [name, points]));
          return { paths: projection.paths, maps, summary };
        } finally {
          tell.stop();
        }
      }),

    "projection/neighbours": async (params) => {
      const core = await folders.core();
      const projection = await held.get(params);
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
