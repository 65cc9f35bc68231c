import { MARK, type Pass } from "./renderer.ts";

/** Opacity of what is not selected or lit up while something is, and of what is out of the question. */
const OPACITY = { unselected: 0.3, out: 0.06 };

/** Which marks there are, in the order in which they are drawn, and how strongly. */
export function passesOf(marks: Uint8Array): Pass[] {
  const selected = marks.includes(MARK.selected);
  const out = marks.includes(MARK.out) ? [{ mark: MARK.out, opacity: OPACITY.out }] : [];
  const lit = marks.includes(MARK.lit);
  const plain = { mark: MARK.plain, opacity: selected || lit ? OPACITY.unselected : 1 };
  const full = [...(lit ? [MARK.lit] : []), ...(selected ? [MARK.selected] : [])];
  return [...out, plain, ...full.map((mark) => ({ mark, opacity: 1 }))];
}

/** Points that lie over each other are drawn clearer, so that their density shows; what stands out stays as it is. */
export function clearer(passes: readonly Pass[], opacity: number): Pass[] {
  return passes.map((pass) => (pass.mark === MARK.plain ? { ...pass, opacity: pass.opacity * opacity } : pass));
}
