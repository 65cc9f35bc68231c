import type { TrainingMode, TrainingOptions } from "../../src/shared/index.ts";

type Key = keyof Omit<
  TrainingOptions,
  "folder" | "labels" | "labelColumn" | "mode" | "model" | "device" | "python" | "decaySteps"
>;

interface Base {
  readonly key: Key;
  readonly label: string;
  /** One line: what it is. */
  readonly meaning: string;
  readonly modes: readonly TrainingMode[];
  /** Shown at once; the others are behind "More choices". */
  readonly often?: boolean;
}

export type Choice =
  | (Base & {
      readonly kind: "list";
      readonly values: readonly { readonly value: string | null; readonly label: string }[];
    })
  | (Base & {
      readonly kind: "number";
      readonly min: number;
      readonly max: number;
      readonly step: number | "any";
      /** What stands in the empty field where null is allowed. */
      readonly empty?: string;
    })
  | (Base & { readonly kind: "text"; readonly empty: string })
  | (Base & { readonly kind: "switch" });

export const ALL: readonly TrainingMode[] = ["whiten", "head", "full"];
export const TRAINED: readonly TrainingMode[] = ["head", "full"];
export const FULL: readonly TrainingMode[] = ["full"];
