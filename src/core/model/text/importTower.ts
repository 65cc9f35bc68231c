import { basename } from "node:path";
import type { TextLink } from "../../../shared/index.ts";
import { readRegularFile } from "../../files/index.ts";
import { ModelError } from "../errors.ts";
import { foreignGraph } from "../import/graph.ts";
import { type ForeignModel, readForeignModel } from "../import/readFile.ts";
import { type TrialSession, withSession } from "../import/session.ts";
import { floatsOf } from "../import/tensors.ts";
import { checkWeights } from "../import/weights.ts";
import { fingerprint } from "../manifest.ts";
import { readWeightsOrigin } from "../weightsOrigin.ts";
import { averaged, feedsOf } from "./embedding.ts";
import { PROMPTS, RANDOM_WORDS } from "./prompts.ts";
import type { Tokens } from "./splitter.ts";
import { readTextFiles, type TextFiles } from "./textFiles.ts";
import { encodeTextMetadata, readTextTower, type TextManifest } from "./textManifest.ts";
import { cutText, TEXT_OUTPUT, textNetwork } from "./textNetwork.ts";
import { TextTokens } from "./textTokens.ts";

export interface TowerOptions {
  /** An ONNX network that takes words; it may hold both towers. */
  readonly file: string;
  /** Name of the output that is the embedding; found where absent. */
  readonly output?: string | undefined;
  /** sigmoid(scale cos + bias) is the model's probability that words and picture belong together. */
  readonly sigmoid?: TextManifest["sigmoid"] | undefined;
}

export interface TextTowerBytes {
  readonly bytes: Uint8Array;
  readonly manifest: TextManifest;
  /** SHA-256 of the bytes, hex. */
  readonly tower: string;
  /** Name of the network's output that was taken. */
  readonly output: string;
}

/** The same words twice differ by less. */
const SAME = 1e-6;

/**
 * Makes a text tower of a foreign network, and tries it in a process of its own.
 * @throws ModelError where it has no tokenizer, the tokenizer is of an unknown kind, or the network cannot be used
 */
export async function importTower({ file, output, sigmoid }: TowerOptions): Promise<TextTowerBytes> {
  const foreign = await readForeignModel(file);
  const files = await readTextFiles(file);
  const network = textNetwork(foreign, output, files.masked);
  checkWeights(foreign, network.output);
  const context = network.context ?? files.context;
  if (context === undefined) {
    throw new ModelError(
      `How many tokens ${file} takes stands neither in the network nor beside it. Put its config.json or ` +
        "tokenizer_config.json (model_max_length) beside it.",
    );
  }
  const origin = readWeightsOrigin(file, foreign.hash);
  const manifest: TextManifest = {
    format: 1,
    name: basename(file).replace(/\.onnx$/i, ""),
    dim: 1,
    context,
    pad: 0,
    ids: network.ids,
    beside: network.beside,
    clean: files.clean,
    sigmoid: sigmoid ?? ownSigmoid(foreign),
    source: origin,
    random: "",
  };
  const tokenizer = JSON.stringify({ tokenizer: files.tokenizer, config: files.config });
  const framed = { ...manifest, pad: await padOf(files, tokenizer, manifest, file) };
  const bare = cutText(foreign, network, {});
  const vectors = await TextTokens.use(tokenizer, framed, file, (tokens) =>
    withSession(bare, { file, optimise: true }, (session) => tried(session, framed, tokens, file)),
  );
  const dim = vectors[0]!.length;
  const random = Buffer.concat(vectors.map(({ buffer }) => Buffer.from(buffer))).toString("base64");
  const whole: TextManifest = { ...framed, dim, random };
  const bytes = cutText(foreign, network, encodeTextMetadata(whole, tokenizer));
  return { bytes, manifest: whole, tower: fingerprint(bytes), output: network.output };
}

/** The id of the token that short texts are filled up with; 0 where nobody says. */
async function padOf({ pad }: TextFiles, tokenizer: string, manifest: TextManifest, file: string): Promise<number> {
  if (typeof pad !== "string") return pad ?? 0;
  return (await TextTokens.use(tokenizer, manifest, file, (tokens) => tokens.idOf(pad))) ?? 0;
}

/** What a file with both towers holds of SigLIP's sigmoid. */
function ownSigmoid({ model }: ForeignModel): TextManifest["sigmoid"] {
  const { constants } = foreignGraph(model.graph);
  const value = (pattern: RegExp) => {
    const found = [...constants].find(([name]) => pattern.test(name));
    return found === undefined ? undefined : floatsOf(found[1])?.[0];
  };
  const [scale, bias] = [value(/logit_scale$/), value(/logit_bias$/)];
  if (scale === undefined || bias === undefined) return null;
  return { scale: Math.exp(scale), bias };
}

/** @returns the embeddings of the random words */
async function tried(
  session: TrialSession,
  manifest: TextManifest,
  tokens: TextTokens,
  file: string,
): Promise<Float32Array<ArrayBuffer>[]> {
  const embed = (text: Tokens) => embedded(session, manifest, text, file);
  const vectors: Float32Array<ArrayBuffer>[] = [];
  for (const word of RANDOM_WORDS) {
    const embedded: Float32Array[] = [];
    for (const prompt of PROMPTS) {
      const sentence = await tokens.split(prompt.replace("{}", word));
      if (sentence !== null) embedded.push(await embed(sentence));
    }
    vectors.push(averaged(embedded));
  }
  const first = (await tokens.split(PROMPTS[1].replace("{}", RANDOM_WORDS[0])))!;
  const [one, again] = [await embed(first), await embed(first)];
  if (one.some((value, i) => Math.abs(value - again[i]!) > SAME)) {
    throw new ModelError(
      `${file} gives another embedding for the same words each time. Export it again, without chance.`,
    );
  }
  if (vectors.every((vector) => vector.every((value, i) => Math.abs(value - vectors[0]![i]!) < SAME))) {
    throw new ModelError(
      `${file} gives the same embedding for all words: it and its tokenizer do not belong together.`,
    );
  }
  return vectors;
}

async function embedded(
  session: TrialSession,
  manifest: TextManifest,
  text: Tokens,
  file: string,
): Promise<Float32Array> {
  const outputs = await session.run(feedsOf(text, manifest), [TEXT_OUTPUT]);
  const { dims = [], data = null } = outputs[TEXT_OUTPUT] ?? {};
  if (data === null || dims.length !== 2 || dims[0] !== 1 || !data.every(Number.isFinite)) {
    throw new ModelError(
      `${file} gives [${dims.join(", ")}] for a text, and not one finite vector. Export the tower with its projection.`,
    );
  }
  return data;
}

/**
 * Proves a text tower that was made elsewhere, in a process of its own: it loads, and gives what it says.
 * @throws ModelError that says what is wrong with it
 */
export async function proveTower(bytes: Uint8Array, file: string, link: TextLink): Promise<void> {
  const { manifest, tokenizer } = readTextTower(bytes, file, link);
  const text = await TextTokens.use(tokenizer, manifest, file, (tokens) => tokens.split(RANDOM_WORDS[0]));
  if (text === null) throw new ModelError(`The tokenizer of ${file} leaves nothing of words. Import the model again.`);
  await withSession(bytes, { file, optimise: true }, async (session) => {
    const { length } = await embedded(session, manifest, text, file);
    if (length !== manifest.dim) {
      throw new ModelError(`${file} gives ${length} values, and says ${manifest.dim}. Import the model again.`);
    }
  });
}

/** Reads a tower that was made before. @throws ModelError where it cannot be read */
export async function readTowerBytes(file: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(file);
  } catch (cause) {
    throw new ModelError(
      `${file}, the text tower that belongs to the model, cannot be read. Put it back beside the model, or import the model again with --text.`,
      { cause },
    );
  }
}
