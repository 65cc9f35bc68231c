import type { DescriptorKind } from "./model.ts";

/** The name under which the combined score appears beside the branch names. */
export const COMBINED = "combined";

/** How a branch is called and marked wherever it is drawn. Colour is never the only sign: the letter stands beside it. */
export interface DescriptorStyle {
  readonly label: string;
  readonly letter: string;
  /** Index into the descriptor colours of the pages (`--lookalike-descriptor-N`); null is the theme's foreground. */
  readonly colour: number | null;
}

const KINDS: Readonly<Record<string, { kind: DescriptorKind; colour: number }>> = {
  spoc: { kind: "SPoC", colour: 0 },
  mac: { kind: "MAC", colour: 1 },
  gem: { kind: "GeM", colour: 2 },
  vector: { kind: "Vector", colour: 6 },
};

/**
 * Styles for the columns of a model: its branches in their order, then combined.
 * Two branches whose names begin alike get letters with a number, so that no letter stands for two.
 */
export function descriptorStyles(branches: readonly string[]): Map<string, DescriptorStyle> {
  const styles = new Map<string, DescriptorStyle>();
  const used = new Set(["C"]);
  let nextColour = 3;
  for (const name of branches) {
    const known = KINDS[name];
    const label = known?.kind ?? name;
    const first = label.charAt(0).toUpperCase();
    let letter = first;
    for (let n = 2; used.has(letter); n++) letter = `${first}${n}`;
    used.add(letter);
    styles.set(name, { label, letter, colour: known?.colour ?? nextColour++ % 7 });
  }
  styles.set(COMBINED, { label: "Combined", letter: "C", colour: null });
  return styles;
}
