import type { DescriptorKind } from "../../../shared/index.ts";
import { ModelError } from "../errors.ts";

const LETTERS: Readonly<Record<string, DescriptorKind>> = { S: "SPoC", M: "MAC", G: "GeM", V: "Vector" };

const NAMES: Readonly<Record<string, DescriptorKind>> = {
  SPOC: "SPoC",
  MAC: "MAC",
  GEM: "GeM",
  CROW: "CroW",
  WGEM: "wGeM",
  RMAC: "RMAC",
  "R-MAC": "RMAC",
  VECTOR: "Vector",
};

const KNOWN = `Use the letters S (SPoC), M (MAC), G (GeM) and V (the network's own vector), or names joined by "+": ${[...new Set(Object.values(NAMES))].join(", ")}.`;

/**
 * Reads a list of descriptors: the paper's letters and names joined by `+`, in any case, such as `SMG`, `MG+RMAC` or
 * `S+CROW+WGEM`.
 * @returns as many as are listed, in their order, each as the part of a branch that `buildModel` needs
 * @throws ModelError where a part stands for no descriptor
 */
export function parseDescriptors(list: string): { readonly kind: DescriptorKind }[] {
  return list.split("+").flatMap((written) => {
    const part = written.trim();
    if (part === "") throw new ModelError(`The descriptor list "${list}" has an empty part. ${KNOWN}`);
    const name = NAMES[part.toUpperCase()];
    if (name !== undefined) return [{ kind: name }];
    return [...part].map((letter) => {
      const kind = LETTERS[letter.toUpperCase()];
      if (kind === undefined) {
        const wrong = part === letter ? "" : ` (in "${part}")`;
        throw new ModelError(`"${letter}" stands for no descriptor${wrong}. ${KNOWN}`);
      }
      return { kind };
    });
  });
}
