import type * as CoreModel from "../../core/model/index.ts";
import { type Branch, COMBINED, visible } from "../../shared/index.ts";
import { describeInput } from "./inputText.ts";

interface InfoOptions {
  readonly json?: boolean | undefined;
}

/** `lookalike model info`: what the file says of itself; nothing is run. */
export async function infoCommand(file: string, options: InfoOptions): Promise<void> {
  const { readModelFile } = await import("../../core/model/index.ts");
  const model = await readModelFile(file);
  console.log(options.json ? JSON.stringify(asJson(file, model), null, 2) : asText(file, visible(model)));
}

function asJson(file: string, { manifest, fingerprint, size }: CoreModel.ModelFile) {
  const { format: _, ...parts } = manifest;
  return { file, size, fingerprint, ...parts, dims: dims(manifest.descriptors) };
}

/** Length of each output's rows, by the output's name. */
function dims(branches: readonly Branch[]): Record<string, number> {
  const total = branches.reduce((sum, branch) => sum + branch.dim, 0);
  return Object.fromEntries([...branches.map(({ name, dim }) => [name, dim] as const), [COMBINED, total]]);
}

function asText(file: string, { manifest, fingerprint, size }: CoreModel.ModelFile): string {
  const { name, backbone, descriptors, input, weights, training, text } = manifest;
  const taps = backbone.taps.map((tap) => `${tap.name} ${tap.channels} x ${tap.height} x ${tap.width}`);
  const rows: (readonly [string, string])[] = [
    ["file", `${file}, ${(size / 1e6).toFixed(1)} MB`],
    ["fingerprint", fingerprint],
    ["backbone", `${backbone.name}, last downsampling ${backbone.lastDownsampling}`],
    ["feature maps", taps.join(", ")],
    ...descriptors.map((branch) => [branch.name, describeBranch(branch, backbone.taps[branch.tap]?.name)] as const),
    [COMBINED, `${dims(descriptors)[COMBINED]} values`],
    ["input", describeInput(input)],
    ["weights", `${weights.source} ${weights.version}, ${weights.licence}`],
    ...(text === undefined ? [] : [["words", `${text.branch} shares their space; tower ${text.tower}`] as const]),
    ["training", training === null ? "none" : `${training.method}, ${training.images} images`],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return [name, ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`)].join("\n");
}

function describeBranch({ kind, dim, p, signed, levels, attention, fc }: Branch, tap: string | undefined): string {
  const parts = [
    kind,
    ...(p === undefined ? [] : [typeof p === "number" ? `p ${p}` : `p per channel, ${range(p)}`]),
    ...(signed === undefined ? [] : ["each channel shifted by its minimum"]),
    ...(levels === undefined ? [] : [`${levels} levels`]),
    ...(attention === undefined ? [] : [`${attention} attention`]),
    ...(tap === undefined ? [] : [`on ${tap}`]),
    fc === undefined ? "no FC" : fc.bias ? "FC with bias" : "FC",
    `${dim} values`,
  ];
  return parts.join(", ");
}

function range({ min, mean, max }: { readonly min: number; readonly mean: number; readonly max: number }): string {
  return `${min.toFixed(2)} to ${max.toFixed(2)}, mean ${mean.toFixed(2)}`;
}
