import { type Adaptation, count, type IndexSummary, MIN_ADAPTED, type SkippedFile } from "../shared/index.ts";

/** Files of one kind that are named one by one; `--json` names all. */
const NAMED = 10;

/** What `lookalike index` prints of a run. */
export function describeIndexing(summary: IndexSummary): string {
  const { indexed, updated, removed, unchanged, reused, skipped, partial, shadows } = summary;
  const { seconds, imagesPerSecond, device, model } = summary;
  return [
    `${indexed} indexed, ${updated} updated, ${removed} removed, ${unchanged} unchanged, ${skipped.length} skipped`,
    ...(reused > 0
      ? [`${reused} of them ${reused === 1 ? "was" : "were"} moved, copied or touched, and not embedded again`]
      : []),
    ...(partial.length > 0
      ? [
          `${count(partial.length, "image")} read in part, since the file has an error or shows what lies outside it: ${named(partial)}`,
        ]
      : []),
    ...unreadLine(summary.unread),
    ...shadowLine(shadows),
    `${seconds.toFixed(1)} s, ${imagesPerSecond.toFixed(1)} images/s on ${device}, model ${model.name}${adaptationText(summary.adaptation)}`,
    ...skippedLines(skipped),
  ].join("\n");
}

function adaptationText(adaptation: Adaptation | undefined): string {
  switch (adaptation) {
    case undefined:
      return "";
    case "few":
      return `, not adapted: that takes ${MIN_ADAPTED} images`;
    case "alike":
      return ", not adapted: the images are too much alike, or copies of too few pictures, to tell anything";
    case "fixed":
      return ", not adapted: it was trained already, or shares its space with words";
    default:
      return ` to ${count(adaptation.images, "image")}${guestsText(adaptation)}`;
  }
}

function guestsText({ second, handcrafted = [] }: Exclude<Adaptation, string>): string {
  const guests = [...(second ? ["a second network"] : []), ...handcrafted];
  return guests.length === 0 ? "" : `, with ${guests.join(" and ")}`;
}

function unreadLine(unread: IndexSummary["unread"]): string[] {
  const kinds = Object.entries(unread).map(([kind, number]) => `${number} ${kind}`);
  return kinds.length === 0 ? [] : [`of kinds that are not read: ${kinds.join(", ")}`];
}

function shadowLine(shadows: IndexSummary["shadows"]): string[] {
  const places = Object.entries(shadows).map(([name, number]) => `${number} ${name}`);
  if (places.length === 0) return [];
  return [`passed over what a network disk or a Mac keeps beside files: ${places.join(", ")} (--shadows reads them)`];
}

/** Each damaged file, and some of each kind that is not read. */
function skippedLines(skipped: readonly SkippedFile[]): string[] {
  const seen = new Map<string, number>();
  const lines: string[] = [];
  for (const { path, reason, kind } of skipped) {
    const number = kind === undefined ? 0 : (seen.get(kind) ?? 0) + 1;
    if (kind !== undefined) seen.set(kind, number);
    if (number <= NAMED) lines.push(`skipped ${path}: ${reason}`);
  }
  for (const [kind, number] of seen) {
    if (number > NAMED) lines.push(`skipped ${number - NAMED} more of the kind ${kind} (--json names them)`);
  }
  return lines;
}

function named(paths: readonly string[]): string {
  const more = paths.length - NAMED;
  return paths.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
