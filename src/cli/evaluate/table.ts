import {
  count,
  type EvaluatedModel,
  type EvaluationReport,
  evaluatedName,
  type SizeComparison,
} from "../../shared/index.ts";

/** A report for people: what was measured, a table per model, and what differs. */
export function describeEvaluation(report: EvaluationReport): string {
  const { protocol, protocolNote, queries, excluded, gallery, classes, note, copies, contradictions } = report;
  return [
    `${protocol}: ${protocolNote}${report.cropped ? "; cropped to their boxes" : ""}`,
    `${count(queries, "query")}, ${gallery} images to find among, ${count(classes, "class")}; ${excluded} left out: no other image of their class`,
    ...(note === null ? [] : [note]),
    ...(copies.groups === 0
      ? []
      : [`${copies.images} images are copies of each other (${count(copies.groups, "group")})${inBrackets(report)}`]),
    ...(contradictions.length === 0
      ? []
      : [`${count(contradictions.length, "copy")} with another label than the first of its group`]),
    ...report.models.flatMap((model) => ["", ...modelTable(model)]),
    ...(report.modelDifferences.length === 0
      ? []
      : [
          "",
          ...report.modelDifferences
            .filter(({ metric }) => metric === "recall@1" || metric === "map@r")
            .map(difference),
        ]),
  ].join("\n");
}

function inBrackets({ models }: EvaluationReport): string {
  const isTwice = models.some(({ descriptors }) =>
    Object.values(descriptors).some(({ withoutCopies }) => withoutCopies !== null),
  );
  return isTwice ? "; in brackets: without copies as answers" : "";
}

function modelTable(model: EvaluatedModel): string[] {
  const { descriptors, differences, comparison, sizes } = model;
  const rows = Object.entries(descriptors);
  if (rows.length === 0) return [evaluatedName(model)];
  const metrics = Object.keys(rows[0]![1].metrics);
  const header = ["", ...metrics];
  const body = rows.map(([key, { metrics: values, withoutCopies }]) => [
    key,
    ...metrics.map((metric) => {
      const without = withoutCopies === null ? "" : ` (${percent(withoutCopies.metrics[metric]!)})`;
      return `${percent(values[metric]!)}${without}`;
    }),
  ]);
  const widths = header.map((_, c) => Math.max(...[header, ...body].map((row) => row[c]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join("  ");
  const combined = descriptors["combined"]!.intervals;
  const intervals = ["recall@1", "map@r"]
    .filter((metric) => combined[metric] !== undefined)
    .map((metric) => `${metric} ${combined[metric]!.map(percent).join(" to ")}`);
  return [
    `${evaluatedName(model)}, %`,
    line(header),
    ...body.map(line),
    `95 % of combined: ${intervals.join(", ")}`,
    ...differences.filter(({ metric }) => metric === "recall@1").map(difference),
    ...(comparison === null ? [] : [`${percent(comparison.oracle)} % of the queries are right in at least one branch`]),
    ...(sizes === null ? [] : sizeLines(sizes)),
  ];
}

function sizeLines({ threshold, largeQueries, smallQueries, note, recalls, contrasts }: SizeComparison): string[] {
  const each = Object.entries(recalls).map(
    ([key, { large, small }]) => `${key} ${percent(large)} and ${percent(small)}`,
  );
  return [
    `recall@1 of ${largeQueries} queries whose object covers ${percent(threshold)} % of the image or more, and of ${smallQueries} with smaller ones: ${each.join("; ")}`,
    ...(note === null ? [] : [`  ${note}`]),
    ...contrasts.map(
      ({ a, b, large, small, difference: value, interval: [low, high] }) =>
        `${a} - ${b}: ${signed(large)} among large objects, ${signed(small)} among small ones; the difference ${signed(value)}, 95 % ${signed(low)} to ${signed(high)}`,
    ),
  ];
}

function difference({
  a,
  b,
  metric,
  difference: value,
  interval: [low, high],
}: EvaluationReport["modelDifferences"][number]): string {
  return `${a} - ${b}: ${metric} ${signed(value)}, 95 % ${signed(low)} to ${signed(high)}`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

function signed(share: number): string {
  return `${share < 0 ? "" : "+"}${percent(share)}`;
}
