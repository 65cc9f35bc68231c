import type { CancellationToken } from "vscode-jsonrpc/node";
import type { Handlers, TrainingRequests } from "../shared/index.ts";
import { cancellable } from "./cancellable.ts";
import type { Folders } from "./folders.ts";

/** What the engine answers about training; the training itself is a process of its own. */
export function trainingHandlers(folders: Folders): Handlers<TrainingRequests, CancellationToken> {
  return {
    "training/data": ({ options }, token) =>
      cancellable(token, "Counting the images was cancelled.", async (signal) => {
        const core = await folders.core();
        // A model that cannot be loaded is told of when the training starts; the counts do not need it.
        const embedder = await folders.embedder(options.model, options.device ?? "auto").catch(() => undefined);
        signal.throwIfAborted();
        return core.readTrainingData(options, signal, embedder);
      }),

    "training/torch": ({ candidates }, token) =>
      cancellable(token, "Looking for torch was cancelled.", async (signal) =>
        (await folders.core()).searchTorch(candidates, signal),
      ),

    "training/inUse": async (params) => {
      const index = await folders.get(params);
      const { name, fingerprint } = (await index.status()).model;
      return { name, fingerprint, file: index.modelFile };
    },
  };
}
