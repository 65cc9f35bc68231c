import type { TextManifest } from "./textManifest.ts";

/**
 * A text as the tower's training saw texts. `canonical` is what SigLIP's did (big_vision): no punctuation, lower case, one
 * space between words.
 */
export function cleaned(text: string, how: TextManifest["clean"]): string {
  const one = text.normalize("NFC").replace(/\s+/g, " ").trim();
  if (how === "none") return one;
  if (how === "lower") return one.toLowerCase();
  return one
    .replace(/_/g, " ")
    .replace(/[!-/:-@[-`{-~]/g, "")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim();
}
