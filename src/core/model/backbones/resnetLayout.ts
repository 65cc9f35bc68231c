import { ModelError } from "../errors.ts";
import type { Safetensors } from "../safetensors.ts";

export const RESNETS = ["resnet18", "resnet34", "resnet50", "seresnet50"] as const;
export type ResnetName = (typeof RESNETS)[number];

/** A convolution and its batch norm. */
export interface ConvLayout {
  /** Tensor names without `.weight`, `.running_mean`, ... */
  readonly conv: string;
  readonly norm: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
}

/** A residual block: `convs` in a row, added to the shortcut. */
export interface BlockLayout {
  readonly convs: readonly ConvLayout[];
  /** The projection in the shortcut; without it the shortcut is the identity. */
  readonly downsample?: ConvLayout;
  /** Squeeze-and-excitation of the branch: prefix of its two 1x1 convolutions, and their sizes. */
  readonly se?: { readonly prefix: string; readonly channels: number; readonly reduced: number };
}

export interface ResnetLayout {
  readonly name: ResnetName;
  readonly stem: ConvLayout;
  /** `layer1` to `layer4`. */
  readonly layers: readonly {
    readonly name: string;
    readonly channels: number;
    readonly blocks: readonly BlockLayout[];
  }[];
}

interface Shape {
  readonly blocks: readonly number[];
  readonly bottleneck: boolean;
  readonly se: boolean;
}

const SHAPES: Readonly<Record<ResnetName, Shape>> = {
  resnet18: { blocks: [2, 2, 2, 2], bottleneck: false, se: false },
  resnet34: { blocks: [3, 4, 6, 3], bottleneck: false, se: false },
  resnet50: { blocks: [3, 4, 6, 3], bottleneck: true, se: false },
  seresnet50: { blocks: [3, 4, 6, 3], bottleneck: true, se: true },
};

/** Networks of other libraries and kinds that are easily mistaken for ones that can be read. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/^layer0\.conv1\.weight$/, "an older SE-ResNet (timm's legacy_seresnet); take timm's seresnet50"],
  [/^conv1\.0\.weight$/, "a ResNet with a deep stem (timm's resnet50d or resnet50t); take resnet50"],
  [/\bembedder\.convolution\.weight$/, "a ResNet with the tensor names of transformers; take timm's file"],
];

/**
 * Which network a file holds, by its tensors (names of torchvision, and of timm for squeeze-and-excitation).
 * @throws ModelError where it holds none of `RESNETS`, or tensors are missing, extra or of another shape
 */
export function recogniseResnet(weights: Safetensors, file: string): ResnetLayout {
  const { names } = weights;
  for (const [pattern, what] of FOREIGN) {
    if (names.some((name) => pattern.test(name))) throw new ModelError(`${file} holds ${what}.`);
  }
  const found: Shape = {
    blocks: [1, 2, 3, 4].map((layer) => {
      const pattern = new RegExp(`^layer${layer}\\.(\\d+)\\.`);
      return new Set(names.map((name) => pattern.exec(name)?.[1]).filter((block) => block !== undefined)).size;
    }),
    bottleneck: names.some((name) => /^layer\d\.\d+\.conv3\.weight$/.test(name)),
    se: names.some((name) => /^layer\d\.\d+\.se\./.test(name)),
  };
  const name = RESNETS.find((candidate) => JSON.stringify(SHAPES[candidate]) === JSON.stringify(found));
  if (name === undefined) {
    const what = found.blocks.every((count) => count === 0)
      ? "no ResNet"
      : `a ResNet of ${found.blocks.join(", ")} ${found.bottleneck ? "bottleneck" : "basic"} blocks${found.se ? " with squeeze-and-excitation" : ""}`;
    throw new ModelError(`${file} holds ${what}; backbones that can be read are ${RESNETS.join(", ")}.`);
  }
  const layout = resnetLayout(name);
  checkTensors(weights, layout, file);
  return layout;
}

/**
 * The layers of a ResNet (He et al., arXiv 1512.03385; the stride of a bottleneck lies in its 3x3 convolution, as in
 * torchvision and timm) or SE-ResNet (Hu et al., arXiv 1709.01507; reduction 16).
 */
function resnetLayout(name: ResnetName): ResnetLayout {
  const { blocks, bottleneck, se } = SHAPES[name];
  let inputs = 64;
  const layers = blocks.map((count, i) => {
    const layer = `layer${i + 1}`;
    const width = 64 * 2 ** i;
    const outputs = bottleneck ? width * 4 : width;
    const layout = Array.from({ length: count }, (_, b): BlockLayout => {
      const stride = b === 0 && i > 0 ? 2 : 1;
      const block = blockLayout(`${layer}.${b}`, { inputs, width, outputs, stride, bottleneck });
      inputs = outputs;
      return se ? { ...block, se: { prefix: `${layer}.${b}.se`, channels: outputs, reduced: outputs / 16 } } : block;
    });
    return { name: layer, channels: outputs, blocks: layout };
  });
  return { name, stem: { conv: "conv1", norm: "bn1", inputs: 3, outputs: 64, kernel: 7, stride: 2 }, layers };
}

/** How many convolutions each part of a network has, in the order in which they are written: blocks with their shortcuts. */
export function convolutionsOf(name: ResnetName): { readonly name: string; readonly convolutions: number }[] {
  const ofBlock = ({ convs, downsample, se }: BlockLayout) => convs.length + (se ? 2 : 0) + (downsample ? 1 : 0);
  return [
    { name: "stem", convolutions: 1 },
    ...resnetLayout(name).layers.map((layer) => ({
      name: layer.name,
      convolutions: layer.blocks.reduce((sum, block) => sum + ofBlock(block), 0),
    })),
  ];
}

interface BlockSizes {
  readonly inputs: number;
  readonly width: number;
  readonly outputs: number;
  readonly stride: number;
  readonly bottleneck: boolean;
}

function blockLayout(prefix: string, { inputs, width, outputs, stride, bottleneck }: BlockSizes): BlockLayout {
  const conv = (n: number, from: number, to: number, kernel: number, step: number): ConvLayout => ({
    conv: `${prefix}.conv${n}`,
    norm: `${prefix}.bn${n}`,
    inputs: from,
    outputs: to,
    kernel,
    stride: step,
  });
  const convs = bottleneck
    ? [conv(1, inputs, width, 1, 1), conv(2, width, width, 3, stride), conv(3, width, outputs, 1, 1)]
    : [conv(1, inputs, width, 3, stride), conv(2, width, outputs, 3, 1)];
  if (stride === 1 && inputs === outputs) return { convs };
  const [shortcut, norm] = [`${prefix}.downsample.0`, `${prefix}.downsample.1`];
  return { convs, downsample: { conv: shortcut, norm, inputs, outputs, kernel: 1, stride } };
}

/** The classifier is not part of the backbone, and how often batch norm was updated does not matter. */
const IGNORED = /^(fc|classifier)\.|\.num_batches_tracked$/;

function checkTensors(weights: Safetensors, layout: ResnetLayout, file: string): void {
  const expected = expectedTensors(layout);
  const missing = [...expected.keys()].filter((name) => weights.info(name) === undefined);
  const extra = weights.names.filter((name) => !expected.has(name) && !IGNORED.test(name));
  const other = [...expected].filter(([name, shape]) => {
    const found = weights.info(name)?.shape;
    return found !== undefined && found.join() !== shape.join();
  });
  const faults = [
    ...(missing.length > 0 ? [`these tensors are missing: ${list(missing)}`] : []),
    ...(extra.length > 0 ? [`these tensors do not belong to it: ${list(extra)}`] : []),
    ...other.slice(0, 1).map(([name, shape]) => {
      return `${name} has the shape [${weights.info(name)?.shape.join(", ")}] instead of [${shape.join(", ")}]`;
    }),
  ];
  if (faults.length > 0) throw new ModelError(`${file} looks like ${layout.name}, but ${faults.join("; ")}.`);
}

function expectedTensors({ stem, layers }: ResnetLayout): Map<string, readonly number[]> {
  const blocks = layers.flatMap((layer) => layer.blocks);
  const convs = [stem, ...blocks.flatMap(({ convs, downsample }) => (downsample ? [...convs, downsample] : convs))];
  const entries = convs.flatMap(({ conv, norm, inputs, outputs, kernel }): [string, readonly number[]][] => [
    [`${conv}.weight`, [outputs, inputs, kernel, kernel]],
    ...["weight", "bias", "running_mean", "running_var"].map((of): [string, number[]] => [`${norm}.${of}`, [outputs]]),
  ]);
  const excitations = blocks.flatMap(({ se }): [string, readonly number[]][] => {
    if (se === undefined) return [];
    const { prefix, channels, reduced } = se;
    return [
      [`${prefix}.fc1.weight`, [reduced, channels, 1, 1]],
      [`${prefix}.fc1.bias`, [reduced]],
      [`${prefix}.fc2.weight`, [channels, reduced, 1, 1]],
      [`${prefix}.fc2.bias`, [channels]],
    ];
  });
  return new Map([...entries, ...excitations]);
}

/** The first few names, and how many more there are. */
function list(names: readonly string[]): string {
  const more = names.length - 5;
  return names.slice(0, 5).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
