import type { CancellationToken } from "vscode-jsonrpc/node";
import {
  type BranchWeights,
  type FolderAnswer,
  filterWithin,
  folderNames,
  type Handlers,
  mergeAnswers,
  type QueryProgress,
  type QueryRequests,
} from "../shared/index.ts";
import { cancellable } from "./cancellable.ts";
import type { Folders } from "./folders.ts";
import { HeldLabels } from "./heldLabels.ts";
import type { Notify } from "./notify.ts";
import { throttle } from "./throttle.ts";

/** Reports of a step are at least this far apart, in milliseconds. */
const PROGRESS_INTERVAL = 200;

/** Where nothing has a label. */
const NO_LABELS = { images: 0, classes: 0, contradictions: [], unjudged: 0, suspicious: [], shown: {}, warnings: [] };

/** What the engine answers to questions about an index. */
export function queryHandlers(folders: Folders, notify: Notify): Handlers<QueryRequests, CancellationToken> {
  const held = new HeldLabels(folders);
  let finder: InstanceType<Awaited<ReturnType<Folders["core"]>>["CopyFinder"]> | undefined;

  /** Does work whose progress is told where the request gave its `run`. */
  async function telling<T>(run: number | undefined, work: (report: Report) => Promise<T>): Promise<T> {
    if (run === undefined) return work(() => {});
    let latest: QueryProgress = { step: "reading", done: 0 };
    const tell = throttle(async () => notify("query/progress", { run, ...latest }), PROGRESS_INTERVAL);
    try {
      return await work((progress) => {
        latest = progress;
        tell();
      });
    } finally {
      tell.stop();
    }
  }

  return {
    "image/similar": async (params) => {
      const accepts = await held.accepts(params, params.labels ?? null, params.only?.labels);
      return (await folders.get(params)).similar(params, accepts);
    },

    "image/firstLook": async ({ filter, ...params }) => (await folders.get(params)).firstLook(params, { filter }),

    "image/withContent": async ({ hash, ...params }) =>
      (await (await folders.get(params)).withContent(Buffer.from(hash, "hex"))) ?? null,

    "image/copies": ({ images }, token) =>
      cancellable(token, "Comparing the images was cancelled.", async (signal) => {
        finder ??= new (await folders.core()).CopyFinder();
        return finder.find(images, signal);
      }),

    "labels/of": ({ from, paths, ...params }, token) =>
      cancellable(token, "Reading the labels was cancelled.", (signal) => held.of(params, from, paths, signal)),

    "labels/facets": ({ from, ...params }, token) =>
      cancellable(token, "Reading the labels was cancelled.", (signal) => held.facets(params, from, signal)),

    "image/explain": async (params) => (await folders.get(params)).explain(params),

    "folder/kinds": (params, token) =>
      cancellable(token, "Measuring was cancelled.", async (signal) => {
        const core = await folders.core();
        const index = await folders.get(params);
        const { byPath } = await core.labelsOf(await index.source().paths(), index.folder, params.from, signal);
        return index.measureKinds(byPath, signal);
      }),

    "folder/mark": (params, token) =>
      cancellable(token, "Choosing weights was cancelled.", async (signal) =>
        (await folders.get(params)).mark(params.marks, signal),
      ),

    "folder/pairs": async (params) => {
      const index = await folders.get(params);
      return index.pairsToMark(index.relativePath(params.image));
    },

    "folder/weights": (params, token) =>
      cancellable(token, "Choosing weights was cancelled.", async (signal) => {
        const core = await folders.core();
        const index = await folders.get(params);
        const { choice, labels: from } = params;
        const labels =
          from === null ? undefined : await core.labelsOf(await index.source().paths(), index.folder, from, signal);
        return index.suggestWeights({ choice, labels, signal }, true);
      }),

    "folder/duplicates": (params, token) =>
      cancellable(token, "Finding duplicates was cancelled.", async (signal) => {
        const core = await folders.core();
        const index = await folders.get(params);
        const { threshold, run } = params;
        return telling(run, (onProgress) =>
          core.findDuplicates(index.folder, index.source(), { threshold, signal, onProgress }),
        );
      }),

    "folder/putAway": async ({ folder, paths }) => (await folders.core()).putAway(folder, paths),

    "folder/takeBack": async ({ folder }) => (await folders.core()).takeBack(folder),

    "folder/labels": (params, token) =>
      cancellable(token, "Looking at the labels was cancelled.", async (signal) => {
        const core = await folders.core();
        const index = await folders.get(params);
        const source = index.source();
        const { k, run, column } = params;
        const from = params.labels === undefined ? null : { file: params.labels, column };
        const labels = await core.labelsOf(await source.paths(), params.folder, from, signal);
        const learned = core.SeenImages.of(index.manifest.training);
        try {
          return await telling(run, (onProgress) =>
            core.reviewLabels(index.folder, source, { k, labels, learned, signal, onProgress }),
          );
        } catch (error) {
          if (!(error instanceof core.TooFewLabelsError)) throw error;
          return { ...NO_LABELS, problem: error.message };
        }
      }),

    "image/similarAcross": async ({ folders: asked, names = folderNames(asked), labels, ...params }) => {
      const answers: FolderAnswer[] = [];
      for (const folder of asked) {
        // Lists of several folders are put together by score: each in an order of its own would be lost.
        const { kinds: _, ...filter } = params.only ?? {};
        const only = filterWithin(names[folder] ?? "", filter);
        if (only === undefined) continue;
        const index = await folders.get({ ...params, folder });
        const { model } = await index.status();
        const weights = weightsOf(model.descriptors, params.weights);
        const from = labels === undefined ? null : labels[folder];
        const accepts = await held.accepts({ ...params, folder }, from, only.labels);
        answers.push({ folder, result: await index.similar({ ...params, only, weights }, accepts) });
      }
      if (answers.length === 0) {
        throw new Error(
          `${params.only?.folder} is in none of the searched folders. Choose another folder in the filter.`,
        );
      }
      return mergeAnswers(answers, params.k, names);
    },
  };
}

/** Without the branches that other folders' models have. */
function weightsOf(descriptors: readonly string[], weights: BranchWeights = {}): BranchWeights {
  return Object.fromEntries(Object.entries(weights).filter(([name]) => descriptors.includes(name)));
}

type Report = (progress: QueryProgress) => void;
