import * as v from "valibot";
import {
  type DownloadParams,
  type FolderParams,
  type HubAccess,
  type HubRequests,
  type ImportParams,
  type ImportRequests,
  type ModelRequests,
  readTrainingOptions,
  type TrainingRequests,
  TrainingRuleError,
} from "../../shared/index.ts";
import { absolutePath, finite, folderEntries, listOf, maybe, name, objectOf, text, whole } from "./parts.ts";
import type { Schemas } from "./schemas.ts";

const scope = { folder: maybe(absolutePath) };
const file = absolutePath;

export const MODEL_SCHEMAS: Schemas<ModelRequests> = {
  "models/list": objectOf<ModelRequests["models/list"]["params"]>(scope),
  "models/select": objectOf<ModelRequests["models/select"]["params"]>({ ...scope, name: v.nullable(name) }),
  "models/install": objectOf<ModelRequests["models/install"]["params"]>({ file, name: maybe(name) }),
  "models/rename": objectOf<ModelRequests["models/rename"]["params"]>({ name, to: name }),
  "models/remove": objectOf<ModelRequests["models/remove"]["params"]>({ name }),
  "models/checkDescriptors": objectOf<ModelRequests["models/checkDescriptors"]["params"]>({ text: text(1000) }),
  "models/export": objectOf<ModelRequests["models/export"]["params"]>({ name, file }),
};

const access = { proxy: maybe(text(4096)), endpoint: maybe(text(4096)), token: maybe(text(4096)) };

export const HUB_SCHEMAS: Schemas<HubRequests> = {
  "hub/catalogue": v.object({}),
  "hub/list": objectOf<HubAccess & { readonly repo: string }>({ ...access, repo: name }),
  "hub/install": objectOf<DownloadParams>({
    ...access,
    repo: name,
    commit: name,
    path: name,
    name,
    descriptors: text(1000),
    text: maybe(name),
  }),
};

const order = v.picklist(["rgb", "bgr"]);
const figures = listOf(finite(-1e6, 1e6), 16);
/** Side of a network's input in pixels. */
const side = whole(1, 16_384);

export const IMPORT_SCHEMAS: Schemas<ImportRequests> = {
  "import/inspect": objectOf<ImportRequests["import/inspect"]["params"]>({
    file,
    size: maybe(side),
    tensor: maybe(text(10_000)),
  }),
  "import/install": objectOf<ImportParams>({
    file,
    // A network's own name for it.
    tensor: text(10_000),
    descriptors: v.nullable(text(1000)),
    preprocessing: v.nullable(v.union([v.object({ name, order }), v.object({ mean: figures, std: figures, order })])),
    size: maybe(side),
    name,
    text: maybe(file),
  }),
};

export const TRAINING_SCHEMAS: Schemas<TrainingRequests> = {
  "training/data": objectOf<TrainingRequests["training/data"]["params"]>({
    options: v.pipe(
      v.unknown(),
      v.rawTransform(({ dataset, addIssue, NEVER }) => {
        try {
          return readTrainingOptions(dataset.value);
        } catch (error) {
          if (!(error instanceof TrainingRuleError)) throw error;
          addIssue({ message: error.message });
          return NEVER;
        }
      }),
    ),
  }),
  "training/torch": objectOf<TrainingRequests["training/torch"]["params"]>({ candidates: listOf(text(4096), 16) }),
  "training/inUse": objectOf<FolderParams>(folderEntries),
};
