/** What names a folder's index in a request. */
import type { DeviceChoice } from "./device.ts";
import type { FormChoice } from "./model.ts";

export interface FolderParams {
  /** Absolute path of the indexed folder. */
  readonly folder: string;
  /** Absolute path of the folder that holds indexes, or the address of a database; the user's data folder where absent. */
  readonly location?: string;
  /** Device of the model; `auto` where absent. */
  readonly device?: DeviceChoice;
  /** Whether the model is adapted to the folder; by default it is. */
  readonly adapt?: boolean;
  /** In which form the model is used; `auto` where absent. */
  readonly form?: FormChoice;
  /** Bytes of thumbnails that are kept of the folder; a default where absent. It holds from the first request on. */
  readonly thumbnailLimit?: number;
  /** MB that the embeddings in memory may take; a quarter of the machine's where absent. Beyond, they stay on disk. */
  readonly memory?: number;
  /** Seconds that decoding one image may take; a default where absent. It holds for the process, from then on. */
  readonly decodeSeconds?: number;
  /** Seconds after which changes of others to the index are told (`folder/changed`) at the latest; 0: not told. Where absent, as before. */
  readonly refresh?: number;
  /** Name of an installed model; where absent, the one that is chosen for the folder. */
  readonly model?: string;
}
