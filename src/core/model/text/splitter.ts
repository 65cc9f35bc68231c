import { Tokenizer } from "@huggingface/tokenizers";
import { ModelError } from "../errors.ts";
import { cleaned } from "./cleaning.ts";
import type { TextManifest, TokenizerFiles } from "./textManifest.ts";

/** Kinds of tokenizers that the library knows. */
const KINDS = ["BPE", "WordPiece", "Unigram", "WordLevel"];

/** Characters of a text that are looked at; no context holds more. */
const MAX_LENGTH = 10_000;

/** A text as the network takes it. */
export interface Tokens {
  /** As long as the context. */
  readonly ids: readonly number[];
  /** How many of them are no padding. */
  readonly used: number;
  /** What of the text was taken where it is longer than the context. */
  readonly cutTo: string | null;
  /** Words that the vocabulary does not have: unknown, or of a script that is in it by its bytes only. */
  readonly strange: readonly string[];
}

export type Frame = Pick<TextManifest, "context" | "pad" | "clean">;

/** Splits texts as a tower was trained to. What the tokenizer says is run here, so that only `tokenThread` may use it. */
export class Splitter {
  readonly #tokenizer: Tokenizer;
  readonly #frame: Frame;
  readonly #unknown: string | undefined;

  /** @throws ModelError for a kind that is not known; what the library throws where it cannot read the tokenizer */
  constructor({ tokenizer, config }: TokenizerFiles, frame: Frame, file: string) {
    const kind = kindOf(tokenizer);
    if (!KINDS.includes(kind)) {
      throw new ModelError(
        `The tokenizer of ${file} is of the kind ${kind}; ${KINDS.join(", ")} can be read. Choose another text tower.`,
      );
    }
    this.#frame = frame;
    this.#tokenizer = new Tokenizer(wholeWords(tokenizer), config);
    this.#unknown = unknownToken(tokenizer, config);
  }

  /** The id of a token; undefined where there is no such token. */
  idOf(token: string): number | undefined {
    return this.#tokenizer.token_to_id(token);
  }

  /** @returns null where nothing is left of the text */
  split(text: string): Tokens | null {
    const clean = cleaned(text.slice(0, MAX_LENGTH), this.#frame.clean);
    return clean === "" ? null : this.#split(clean);
  }

  #split(text: string): Tokens | null {
    const { context, pad } = this.#frame;
    const plain = this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
    if (plain.length === 0) return null;
    const all = this.#tokenizer.encode(text).ids;
    // The marks around the text stay where it is cut: a tower reads its answer off the last one.
    const before = beginOf(plain, all);
    const after = all.slice(before + plain.length);
    const room = context - before - after.length;
    const kept = plain.slice(0, Math.max(1, room));
    const ids = [...all.slice(0, before), ...kept, ...after].slice(0, context);
    return {
      ids: [...ids, ...new Array<number>(context - ids.length).fill(pad)],
      used: ids.length,
      cutTo: kept.length < plain.length ? this.#tokenizer.decode(kept, { skip_special_tokens: true }).trim() : null,
      strange: this.#strange(text),
    };
  }

  #strange(text: string): string[] {
    // Signs count where there is nothing else: beside words they are punctuation.
    const words = text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? text.split(/\s+/u);
    return [...new Set(words)].filter((word) => {
      const tokens = this.#tokenizer.tokenize(word, { add_special_tokens: false });
      if (this.#unknown !== undefined && tokens.includes(this.#unknown)) return true;
      // Letter by letter is how a word of another script comes out of a vocabulary of bytes.
      const letters = [...word].length;
      if (/^[\p{Script=Latin}\p{N}]+$/u.test(word)) return false;
      return /\p{Script=Han}|[^\p{L}\p{M}\p{N}]/u.test(word)
        ? tokens.length > letters
        : letters > 1 && tokens.length >= letters;
    });
  }
}

/** Where the text begins among its tokens with marks. */
function beginOf(plain: readonly number[], all: readonly number[]): number {
  const last = all.length - plain.length;
  for (let at = 0; at <= last; at++) if (plain.every((id, i) => all[at + i] === id)) return at;
  throw new Error("its marks change the text between them");
}

function kindOf(tokenizer: object): string {
  const model = "model" in tokenizer ? tokenizer.model : undefined;
  if (typeof model !== "object" || model === null) return "unknown";
  if ("type" in model && typeof model.type === "string") return model.type;
  // Older files do not say.
  return "merges" in model ? "BPE" : "vocab" in model && Array.isArray(model.vocab) ? "Unigram" : "unknown";
}

/** Whole words are word pieces of which none goes on another: the library knows pieces. */
function wholeWords(tokenizer: object): object {
  if (kindOf(tokenizer) !== "WordLevel" || !("model" in tokenizer)) return tokenizer;
  const pieces = { type: "WordPiece", continuing_subword_prefix: "\u0000", max_input_chars_per_word: MAX_LENGTH };
  return { ...tokenizer, model: { ...Object(tokenizer.model), ...pieces } };
}

function unknownToken(tokenizer: object, config: object): string | undefined {
  const model = "model" in tokenizer ? tokenizer.model : undefined;
  const own = typeof model === "object" && model !== null && "unk_token" in model ? model.unk_token : undefined;
  const said = own ?? ("unk_token" in config ? config.unk_token : undefined);
  const token = typeof said === "object" && said !== null && "content" in said ? said.content : said;
  return typeof token === "string" ? token : undefined;
}
