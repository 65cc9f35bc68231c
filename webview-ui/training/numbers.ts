import { t } from "../strings.ts";

/** A fraction as per cent. */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

/** A time in the unit that suits it. */
export function duration(seconds: number): string {
  if (seconds < 90) return t("{0} s", Math.max(1, Math.round(seconds)));
  if (seconds < 90 * 60) return t("{0} min", Math.round(seconds / 60));
  return t("{0} h", (seconds / 3600).toFixed(1));
}

/** Three digits that count. */
export function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "–";
}
