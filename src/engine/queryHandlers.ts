import type { CancellationToken } from "vscode-jsonrpc/node";
import type { Handlers, QueryRequests } from "../shared/index.ts";
import type { Folders } from "./folders.ts";

/** What the engine answers to questions about an index. */
export function queryHandlers(folders: Folders): Handlers<QueryRequests, CancellationToken> {
  return {
    "image/similar": async (params) => (await folders.get(params)).similar(params),

    "image/explain": async (params) => (await folders.get(params)).explain(params),
  };
}
