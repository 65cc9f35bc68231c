/** What the engine may be asked, by request: what does not fit is refused before any of it is used. */
import * as v from "valibot";
import type {
  DatabasePasswordParams,
  EngineRequests,
  FolderParams,
  IndexParams,
  PictureParams,
  RemoveIndexParams,
  SetupParams,
  ThumbnailParams,
} from "../../shared/index.ts";
import { EVALUATION_SCHEMAS } from "./evaluation.ts";
import { HUB_SCHEMAS, IMPORT_SCHEMAS, MODEL_SCHEMAS, TRAINING_SCHEMAS } from "./models.ts";
import {
  absolutePath,
  device,
  fileFilter,
  folderEntries,
  location,
  maybe,
  name,
  objectOf,
  text,
  whole,
} from "./parts.ts";
import { PROJECTION_SCHEMAS } from "./projection.ts";
import { QUERY_SCHEMAS } from "./query.ts";
import type { Schemas } from "./schemas.ts";

export const REQUEST_SCHEMAS: Schemas<EngineRequests> = {
  ...MODEL_SCHEMAS,
  ...HUB_SCHEMAS,
  ...IMPORT_SCHEMAS,
  ...TRAINING_SCHEMAS,
  ...PROJECTION_SCHEMAS,
  ...QUERY_SCHEMAS,
  ...EVALUATION_SCHEMAS,
  "index/details": objectOf<FolderParams>(folderEntries),
  "index/password": objectOf<DatabasePasswordParams>({ server: name, password: v.nullable(text(4096)) }),
  "index/remove": objectOf<RemoveIndexParams>({ ...folderEntries, name: maybe(name) }),
  "folder/status": objectOf<FolderParams>(folderEntries),
  "folder/index": objectOf<IndexParams>({
    ...folderEntries,
    rebuild: maybe(v.boolean()),
    second: maybe(v.boolean()),
    handcrafted: maybe(v.boolean()),
    acceptRemoved: maybe(v.boolean()),
    shareThumbnails: maybe(v.boolean()),
    filter: maybe(fileFilter),
  }),
  "setup/check": objectOf<SetupParams>({
    folder: maybe(absolutePath),
    location: maybe(location),
    device: maybe(device),
    adapt: maybe(v.boolean()),
    form: folderEntries.form,
    fresh: maybe(v.boolean()),
  }),
  "image/picture": objectOf<PictureParams>({
    image: absolutePath,
    size: whole(1, 4096),
    decodeSeconds: folderEntries.decodeSeconds,
  }),
  "image/thumbnail": objectOf<ThumbnailParams>({ ...folderEntries, image: absolutePath, size: whole(1, 4096) }),
};
