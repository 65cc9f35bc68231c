import type { Handlers, IndexRequests } from "../shared/index.ts";
import type { Folders } from "./folders.ts";

/** What the engine answers about the indexes on disk. */
export function indexHandlers(folders: Folders): Handlers<IndexRequests, unknown> {
  return {
    "index/details": async (params) => {
      const { indexDetails } = await folders.core();
      return indexDetails(params.folder, await folders.modelFile(params), params);
    },

    "index/password": async ({ server, password }) => {
      (await folders.core()).setDatabasePassword(server, password);
      return null;
    },

    "index/remove": async (params) => {
      const { removeIndex } = await folders.core();
      await folders.close(params.folder);
      await removeIndex(params.folder, params.name, params);
      return null;
    },
  };
}
