import type { CancellationToken } from "vscode-jsonrpc/node";
import { type FolderAnswer, type Handlers, mergeAnswers, type QueryRequests } from "../shared/index.ts";
import type { Folders } from "./folders.ts";

/** What the engine answers to questions about an index. */
export function queryHandlers(folders: Folders): Handlers<QueryRequests, CancellationToken> {
  return {
    "image/similar": async (params) => (await folders.get(params)).similar(params),

    "image/similarAcross": async ({ folders: asked, ...params }) => {
      const answers: FolderAnswer[] = [];
      for (const folder of asked) {
        answers.push({ folder, result: await (await folders.get({ ...params, folder })).similar(params) });
      }
      return mergeAnswers(answers, params.k);
    },
  };
}
