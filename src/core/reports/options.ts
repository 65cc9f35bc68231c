import type {
  EvaluationProgress,
  EvaluationProtocol,
  EvaluationReport,
  FileFilter,
  FormChoice,
} from "../../shared/index.ts";
import type { GroundTruth, TruthOptions } from "./groundTruth.ts";
import type { Roles } from "./protocol.ts";

export interface EvaluateOptions extends TruthOptions {
  readonly protocol?: EvaluationProtocol | undefined;
  /** Images are cropped to their boxes, where they have one, and embedded anew. */
  readonly cropped?: boolean | undefined;
  /** Which files are embedded where a model has not seen the folder yet; all images where absent. */
  readonly filter?: FileFilter | undefined;
  /** Whether copies are looked for; they are by default. */
  readonly copies?: boolean | undefined;
  /** Whether only the state of a model is evaluated that the folder is searched with, and not also the model as it is. */
  readonly searchedOnly?: boolean | undefined;
  /** `auto`, the default: combined under the weights of the index too, where it holds others than equal ones. */
  readonly weights?: "auto" | "equal" | undefined;
  /** Folder that holds indexes; the user's data folder where absent. */
  readonly location?: string | undefined;
  /** Whether models are adapted to the folder; by default they are. */
  readonly adapt?: boolean | undefined;
  /** In which form a model is used; `auto` where absent. */
  readonly form?: FormChoice | undefined;
  readonly warn?: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined;
}

/** Images that are the same picture. */
export interface CopyGroups {
  /** Number of its group by path; images without copies have none. */
  readonly groupOf: ReadonlyMap<string, number>;
  readonly told: EvaluationReport["copies"];
  readonly contradictions: EvaluationReport["contradictions"];
}

/** What all models are held to: labels, roles and copies. */
export interface Basis {
  readonly truth: GroundTruth;
  readonly roles: Roles;
  /** Indexed images in path order. */
  readonly paths: readonly string[];
  readonly copies: CopyGroups;
}
