import { DESCRIPTOR_KINDS, type DescriptorKind } from "./model.ts";

/** The name under which the combined score appears beside the branch names. */
export const COMBINED = "combined";

/** The column of all branches that count the same, where `combined` is under other weights. */
export function equalMixKey(names: readonly string[]): string {
  return names.join("+");
}

/** Which of some columns is the mix in which all branches count the same. */
export function equalMixAmong(keys: readonly string[]): string {
  const equal = equalMixKey(keys.filter((key) => key !== COMBINED && !key.includes("+")));
  return equal.includes("+") && keys.includes(equal) ? equal : COMBINED;
}

/** How a branch is called and marked wherever it is drawn. Colour is never the only sign: the letter stands beside it. */
export interface DescriptorStyle {
  readonly label: string;
  readonly letter: string;
  /** Index into the descriptor colours of the pages (`--lookalike-descriptor-N`); null is the theme's foreground. */
  readonly colour: number | null;
}

/** Letter and colour of each kind. C is combined's, and CroW, wGeM and R-MAC share a beginning with none of the letters. */
const KINDS: Readonly<Record<DescriptorKind, DescriptorStyle>> = {
  SPoC: { label: "SPoC", letter: "S", colour: 0 },
  MAC: { label: "MAC", letter: "M", colour: 1 },
  GeM: { label: "GeM", letter: "G", colour: 2 },
  CroW: { label: "CroW", letter: "X", colour: 3 },
  wGeM: { label: "wGeM", letter: "W", colour: 4 },
  RMAC: { label: "R-MAC", letter: "R", colour: 5 },
  Vector: { label: "Vector", letter: "V", colour: 6 },
};

/** Branches without a network, by their names: they have no kind of their own, and get colours that are not taken. */
const HANDCRAFTED: Readonly<Record<string, Omit<DescriptorStyle, "colour">>> = {
  lab: { label: "Lab", letter: "L" },
  hog: { label: "HOG", letter: "H" },
};

/** Number of descriptor colours of the pages. */
export const DESCRIPTOR_COLOURS = 7;

/**
 * Styles for the columns of a model: its branches in their order, then combined.
 * A second branch of a kind, such as `gem_2`, keeps the kind's letter and label with its number, and gets another colour.
 * No letter stands for two branches, and no colour as long as there are enough.
 */
export function descriptorStyles(branches: readonly string[]): Map<string, DescriptorStyle> {
  const styles = new Map<string, DescriptorStyle>();
  const letters = new Set(["C"]);
  const known = new Map(DESCRIPTOR_KINDS.map((kind) => [kind.toLowerCase(), KINDS[kind]]));
  const taken = new Set(branches.map((name) => known.get(name)?.colour));
  const spare = Array.from({ length: DESCRIPTOR_COLOURS }, (_, i) => (i + 3) % DESCRIPTOR_COLOURS).filter(
    (colour) => !taken.has(colour),
  );
  let others = 0;
  for (const name of branches) {
    const own = known.get(name);
    const handcrafted = HANDCRAFTED[name];
    const [, base, number] = /^(.+)_(\d+)$/.exec(name) ?? [];
    const kind = own ?? known.get(base ?? "");
    const label = own?.label ?? handcrafted?.label ?? (kind === undefined ? name : `${kind.label} ${number}`);
    const first = kind?.letter ?? handcrafted?.letter ?? label.charAt(0).toUpperCase();
    let letter = first;
    for (let n = 2; letters.has(letter); n++) letter = `${first}${n}`;
    letters.add(letter);
    const colour = own?.colour ?? spare[others++ % spare.length]!;
    styles.set(name, { label, letter, colour });
  }
  styles.set(COMBINED, { label: "Combined", letter: "C", colour: null });
  return styles;
}
