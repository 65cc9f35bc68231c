import { createHash } from "node:crypto";
import { byLabel } from "../data/split.ts";

/** Share of the training classes that the best epoch is chosen by. */
const SHARE = 0.15;
/** Fewer training classes than this cannot spare any. */
const MIN_CLASSES = 20;

/**
 * A part of the training classes that gets no gradient: the best epoch is chosen by what is found among its images, so
 * that the test images choose nothing. The same seed chooses the same classes.
 * @returns labels; none where the classes are few
 */
export function validationPart(images: readonly { readonly label: string }[], seed: number): ReadonlySet<string> {
  const pairs = [...byLabel(images)].filter(([, members]) => members.length > 1).map(([label]) => label);
  if (pairs.length < MIN_CLASSES) return new Set();
  const key = (label: string) => createHash("sha256").update(`${seed}/validation/${label}`).digest("hex");
  return new Set(
    pairs
      .map((label) => ({ label, key: key(label) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .slice(0, Math.round(SHARE * pairs.length))
      .map(({ label }) => label),
  );
}
