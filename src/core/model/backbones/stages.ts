import { convolutionsOf, RESNETS } from "./resnetLayout.ts";

/** A part of a backbone that is trained or frozen as a whole. */
export interface Stage {
  readonly name: string;
  /** Its convolutions: so many, following those of the stages before it in the order of the graph. */
  readonly convolutions: number;
}

const MOBILENET: readonly Stage[] = [
  { name: "stem", convolutions: 1 },
  { name: "block_0", convolutions: 2 },
  ...Array.from({ length: 16 }, (_, i) => ({ name: `block_${i + 1}`, convolutions: 3 })),
  { name: "conv_1", convolutions: 1 },
];

/** The stages of a backbone of ours, by the name in its manifest; none for an imported one. */
export function stagesOf(backbone: string): readonly Stage[] {
  if (backbone === "mobilenetv2-1.4") return MOBILENET;
  const resnet = RESNETS.find((name) => name === backbone);
  return resnet === undefined ? [] : convolutionsOf(resnet);
}
