import { dirname, join } from "node:path";
import { isMissing, readRegularFile } from "../../files/index.ts";
import { isObject, type Json } from "../configs/trained.ts";
import { ModelError } from "../errors.ts";
import type { TextManifest, TokenizerFiles } from "./textManifest.ts";

/** The largest known has 34 MB. Bytes. */
const MAX_TOKENIZER = 128 * 2 ** 20;
const MAX_CONFIG = 2 ** 20;

/** What the files beside a text tower say of it. */
export interface TextFiles extends TokenizerFiles {
  readonly context: number | undefined;
  readonly clean: TextManifest["clean"];
  /** Whether the network is told which places are filled up. */
  readonly masked: boolean;
  /** Text of the token that short texts are filled up with. */
  readonly pad: string | number | undefined;
}

/**
 * Reads the tokenizer of a text tower and what is said of its input, beside the tower or, as repositories have it, one
 * folder up.
 * @throws ModelError where there is no tokenizer, or it cannot be read
 */
export async function readTextFiles(tower: string): Promise<TextFiles> {
  const folders = [dirname(tower), dirname(dirname(tower))];
  const find = async (name: string, most: number) => {
    for (const folder of folders) {
      const found = await readJson(join(folder, name), most);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const tokenizer = await find("tokenizer.json", MAX_TOKENIZER);
  if (tokenizer === undefined) {
    throw new ModelError(
      `There is no tokenizer.json beside ${tower} or one folder up, and without it no text can be split as the tower ` +
        "was trained to. Put the repository's tokenizer.json and tokenizer_config.json beside the tower.",
    );
  }
  const config = (await find("tokenizer_config.json", MAX_CONFIG)) ?? {};
  const clip = await find("open_clip_config.json", MAX_CONFIG);
  const network = (await find("config.json", MAX_CONFIG)) ?? {};
  const open = part(part(clip ?? {}, "model_cfg"), "text_cfg");
  // Exports of OpenCLIP's towers write the same into config.json.
  const text = { ...part(network, "text_config"), ...part(network, "text_cfg"), ...open };
  const padding = part(tokenizer, "padding");
  return {
    tokenizer,
    config,
    context: contextOf(tokenizer, config, text),
    clean: cleaning(network, config, text),
    masked: !Array.isArray(config["model_input_names"]) || config["model_input_names"].includes("attention_mask"),
    pad: typeof padding["pad_id"] === "number" ? padding["pad_id"] : contentOf(config["pad_token"]),
  };
}

function part(json: Json, name: string): Json {
  const value = json[name];
  return isObject(value) ? value : {};
}

function contextOf(tokenizer: Json, config: Json, text: Json): number | undefined {
  const said = [
    text["context_length"],
    part(tokenizer, "truncation")["max_length"],
    text["max_position_embeddings"],
    config["model_max_length"],
  ];
  // Where there is no limit, a number with thirty digits stands for it.
  return said.find((value): value is number => typeof value === "number" && value >= 2 && value <= 4096);
}

/** OpenCLIP says it; SigLIP's tokenizers of transformers do it in code that is in no file. */
function cleaning(network: Json, config: Json, text: Json): TextManifest["clean"] {
  const asked = part(text, "tokenizer_kwargs")["clean"];
  if (asked === "canonicalize") return "canonical";
  if (asked === "lower") return "lower";
  if (/^Siglip2/i.test(String(config["tokenizer_class"])) || network["model_type"] === "siglip2") return "lower";
  if (/^Siglip/i.test(String(config["tokenizer_class"])) || network["model_type"] === "siglip") return "canonical";
  return "none";
}

function contentOf(token: unknown): string | undefined {
  const said = isObject(token) ? token["content"] : token;
  return typeof said === "string" ? said : undefined;
}

async function readJson(path: string, most: number): Promise<Json | undefined> {
  const refused = (cause?: unknown) =>
    new ModelError(`${path} cannot be read or is damaged. Copy it again.`, { cause });
  try {
    const value: unknown = JSON.parse((await readRegularFile(path, most)).toString("utf8"));
    if (isObject(value)) return value;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw refused(cause);
  }
  throw refused();
}
