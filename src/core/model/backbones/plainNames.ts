import { ModelError } from "../errors.ts";
import type { Safetensors } from "../safetensors.ts";

/** What a network was trained with, and a backbone does not need: the first part of the tensors' names. */
const HEADS =
  /^(fc|classifier|head|heads|mlp_head|projector|projection|projection_head|proj_head|predictor|prediction_head|prototypes|queue|queue_ptr|contrastive_head|linear_head)$/i;
/** Tensors of a ResNet, under whatever prefix. */
const OF_RESNET = /(^|\.)(conv1|bn1|layer[1-4]\.\d+\.\w+)\.\w+$/;
const STEM = /^(.*\.)?conv1\.weight$/;

/**
 * Takes off what training code puts before the names of tensors (`module.`, `backbone.`, `encoder.`), and leaves out the
 * heads beside or behind a ResNet. Both is told.
 * @param isKnown whether the names are those of a network as they are
 * @throws ModelError where the file holds several networks, or the prefix is on a part of one
 */
export function plainNames(
  weights: Safetensors,
  file: string,
  isKnown: (weights: Safetensors) => boolean,
  onNote: (text: string) => void,
): Safetensors {
  if (isKnown(weights)) return weights;
  const stems = weights.names.filter((name) => STEM.test(name) && weights.info(name)?.shape.join() === "64,3,7,7");
  const prefixes = stems
    .map((name) => name.slice(0, -"conv1.weight".length))
    .filter((start) => weights.names.some((name) => name.startsWith(`${start}layer1.`)));
  if (prefixes.length > 1) {
    const named = prefixes.map((prefix) => `"${prefix}"`).join(" and ");
    throw new ModelError(`${file} holds several networks, under ${named}. Save the one that is wanted alone.`);
  }
  const prefix = prefixes[0] ?? sharedPrefix(weights, isKnown);
  if (prefix === undefined) return weights;
  const left = new Map<string, number>();
  const plain = weights.withNames((name) => {
    const own = name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
    const head = headOf(own ?? beside(name, prefix));
    if (own === undefined && head === undefined && OF_RESNET.test(name)) {
      throw new ModelError(
        `${file} has the prefix "${prefix}" on a part of the network only: ${name} lies beside it. Save all of it under the same names.`,
      );
    }
    if (head !== undefined) {
      if (!/^(fc|classifier)$/.test(head)) left.set(head, (left.get(head) ?? 0) + 1);
      return own !== undefined && /^(fc|classifier)$/.test(head) ? own : undefined;
    }
    return own ?? name;
  });
  if (prefix !== "") onNote(`The prefix "${prefix}" was taken off the names of the tensors of ${file}.`);
  if (left.size > 0) {
    const named = [...left].map(([head, tensors]) => `${head} (${tensors} tensors)`).join(", ");
    onNote(`Left out of ${file}, since a backbone does not need it: ${named}.`);
  }
  return plain;
}

/** The prefix that all tensors share, and without which the network is known; undefined where there is none. */
function sharedPrefix(weights: Safetensors, isKnown: (weights: Safetensors) => boolean): string | undefined {
  const [first = ""] = weights.names;
  for (let end = first.indexOf(".") + 1; end > 0; end = first.indexOf(".", end) + 1) {
    const prefix = first.slice(0, end);
    if (!weights.names.every((name) => name.startsWith(prefix))) return undefined;
    if (isKnown(weights.withNames((name) => name.slice(end)))) return prefix;
  }
  return undefined;
}

/** A name that lies beside a prefix, without the parts that both share: `module.queue` beside `module.encoder.` is `queue`. */
function beside(name: string, prefix: string): string {
  const [parts, shared] = [name.split("."), prefix.split(".")];
  let at = 0;
  while (at < parts.length - 1 && parts[at] === shared[at]) at++;
  return parts.slice(at).join(".");
}

function headOf(name: string): string | undefined {
  const first = name.split(".")[0]!;
  return HEADS.test(first) ? first : undefined;
}
