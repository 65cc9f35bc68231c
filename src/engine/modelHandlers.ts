import type { Handlers, ModelRequests } from "../shared/index.ts";
import type { Folders } from "./folders.ts";

/** What the engine answers about installed models. A model is named, never given as a path. */
export function modelHandlers(folders: Folders): Handlers<ModelRequests, unknown> {
  return {
    "models/list": async ({ folder }) => (await folders.shelf()).list(folder),

    "models/select": async ({ name, folder }) => {
      const shelf = await folders.shelf();
      if (name !== null) await shelf.installed(name);
      await shelf.select(name, folder);
      return null;
    },

    "models/install": async ({ file, name }) => (await folders.shelf()).install(file, name),

    "models/rename": async ({ name, to }) => {
      await (await folders.shelf()).rename(name, to);
      return null;
    },

    "models/remove": async ({ name }) => {
      await (await folders.shelf()).remove(name);
      return null;
    },

    "models/checkDescriptors": async ({ text }) => {
      const { ModelError, parseDescriptors } = await folders.core();
      try {
        return parseDescriptors(text).length > 8 ? "A model has one to eight descriptors." : null;
      } catch (error) {
        if (error instanceof ModelError) return error.message;
        throw error;
      }
    },

    "models/export": async ({ name, file }) => {
      await (await folders.shelf()).export(name, file);
      return null;
    },
  };
}
