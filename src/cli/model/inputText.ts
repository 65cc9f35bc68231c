import type { InputSpec } from "../../shared/index.ts";

/** How pictures come to a model's input, in words. */
export function describeInput({ width, height, resize, kernel }: InputSpec): string {
  const size = `${width} x ${height}`;
  const by = kernel === undefined ? "" : `, ${kernel}`;
  if (resize === "squash") return `${size}, squash${by}`;
  if (resize.fit === "longest")
    return `${size}, the whole picture within it (${resize.place}), filled with ${resize.fill.join(" ")}${by}`;
  const scaled =
    resize.fit === "squash" ? `squash to ${resize.width} x ${resize.height}` : `shortest side to ${resize.side}`;
  return `${size}, the centre after ${scaled}${by}`;
}
