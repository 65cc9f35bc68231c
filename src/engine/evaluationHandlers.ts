import type { CancellationToken } from "vscode-jsonrpc/node";
import type { EvaluationProgress, EvaluationReport, EvaluationRequests, Handlers } from "../shared/index.ts";
import { cancellable } from "./cancellable.ts";
import type { Folders } from "./folders.ts";
import type { Notify } from "./notify.ts";
import { throttle } from "./throttle.ts";

/** Reports are at least this far apart, in milliseconds. */
const PROGRESS_INTERVAL = 200;

/** What the engine answers about how good retrieval in a folder is. */
export function evaluationHandlers(folders: Folders, notify: Notify): Handlers<EvaluationRequests, CancellationToken> {
  let latestReport: { readonly run: number; readonly report: EvaluationReport } | undefined;
  return {
    "folder/evaluate": (params, token) =>
      cancellable(token, "The evaluation was cancelled.", async (signal) => {
        const core = await folders.core();
        const {
          folder,
          run,
          models,
          labels,
          protocol,
          dataset,
          boxes,
          searchedOnly,
          location,
          adapt,
          form,
          device,
          filter,
        } = params;
        const files = [await folders.modelFile({ folder })];
        for (const model of models) files.push(await folders.modelFile({ folder, model }));
        let latest: EvaluationProgress = { step: "ranking", done: 0, total: 0 };
        const tell = throttle(async () => notify("evaluation/progress", { run, ...latest }), PROGRESS_INTERVAL);
        try {
          const report = await core.evaluateFolder(folder, [...new Set(files)], await folders.pool(device), {
            labels: labels?.file,
            column: labels?.column,
            protocol: protocol ?? undefined,
            dataset: dataset ?? undefined,
            boxes: boxes ?? undefined,
            ...{ searchedOnly, location, adapt, form, filter, signal },
            warn: (message) => notify("log", { level: "warn", message }),
            onProgress: (progress) => {
              latest = progress;
              tell();
            },
          });
          latestReport = { run, report };
          await (await folders.shelf()).keepScores(files, report).catch((error: unknown) => {
            notify("log", { level: "warn", message: `The scores are not kept: ${String(error)}` });
          });
          return report;
        } finally {
          tell.stop();
        }
      }),

    "evaluation/html": async ({ run }) => {
      if (latestReport?.run !== run) throw new Error("The report is not at hand any more. Evaluate the folder again.");
      return { html: (await folders.core()).evaluationHtml(latestReport.report) };
    },
  };
}
