import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { importModel } from "../../../../src/core/model/import/index.ts";
import { ModelError, parseDescriptors, readModelFile } from "../../../../src/core/model/index.ts";
import { TextTokens, textTowerFile } from "../../../../src/core/model/text/index.ts";
import { openTextTower } from "../../../../src/core/runtime/textTower.ts";
import { bothTowers, imageTower, textTower, tokenizerJson, writeTwoTowers } from "../../../fixtures/twoTowers.ts";

const root = mkdtempSync(join(tmpdir(), "lookalike-towers-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const open: TextTokens[] = [];
afterAll(() => Promise.all(open.map((tokens) => tokens.release())));
let count = 0;
const folder = () => join(root, String(count++));

async function refused(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelError);
  return (error as ModelError).message;
}

async function opened(tokenizer: object, frame: Parameters<typeof TextTokens.open>[1]): Promise<TextTokens> {
  const tokens = await TextTokens.open(JSON.stringify({ tokenizer, config: {} }), frame, "t.onnx", 2);
  open.push(tokens);
  return tokens;
}

test("a text tower lies beside the model, which says whose space it shares", async () => {
  const { vision, text } = writeTwoTowers(folder());
  const out = join(root, "whole.onnx");
  const report = await importModel({ file: vision, out, text: { file: text } });
  expect(report.manifest.descriptors.map(({ name }) => name)).toEqual(["spoc", "mac", "gem", "vector"]);
  expect(report.tower).toMatchObject({
    file: join(root, "whole.text"),
    manifest: { dim: 8, context: 12, sigmoid: null },
  });
  const { manifest } = await readModelFile(out);
  expect(manifest.text?.branch).toBe("vector");

  const tower = await openTextTower(out, manifest.text!);
  const embed = async (words: string, prompts?: string[]) => [...(await tower.embed(words, prompts))!.embedding];
  const unit = [1, -0.5, -0.5].map((x) => x / Math.sqrt(1.5));
  for (const [i, x] of (await embed("red")).entries()) expect(x).toBeCloseTo(unit[i] ?? 0, 5);
  // Two words are their sum, whatever stands around them.
  for (const [i, x] of (await embed("Red Blue")).entries()) expect(x).toBeCloseTo([0.408, -0.816, 0.408][i] ?? 0, 2);
  expect(await embed("red", ["{} owl"])).not.toEqual(await embed("red"));
  expect(await tower.embed(" \n ")).toBeNull();
  const long = await tower.embed("red ".repeat(40));
  expect(long!.tokens.ids).toHaveLength(12);
  expect(long!.tokens.ids.at(-1)).toBe(3);
  expect(long!.tokens.cutTo).toBe("red red red red red red red red red red");
  expect((await tower.embed("red zebra"))!.tokens.strange).toEqual(["zebra"]);
  await tower.release();

  writeFileSync(textTowerFile(out), "damaged");
  expect(await refused(openTextTower(out, manifest.text!))).toMatch(/is not the text tower that belongs/);
  rmSync(textTowerFile(out));
  expect(await refused(openTextTower(out, manifest.text!))).toMatch(/cannot be read\. Put it back/);
});

test("the mask, and a sigmoid that is told, are in the tower", async () => {
  const { vision, text } = writeTwoTowers(folder(), { mask: true, output: "pooler_output" });
  writeFileSync(vision, imageTower("pooler_output"));
  const out = join(root, "masked.onnx");
  const sigmoid = { scale: 10, bias: -5 };
  const { tower } = await importModel({
    file: vision,
    out,
    branches: parseDescriptors("V+S"),
    text: { file: text, sigmoid },
  });
  expect(tower?.manifest).toMatchObject({
    sigmoid,
    beside: [{ name: "attention_mask", type: "int64", holds: "mask" }],
  });
});

test("one file with both towers is named twice: each takes its part, and the scale and bias are its own", async () => {
  const at = folder();
  const { vision } = writeTwoTowers(at);
  writeFileSync(vision, bothTowers(20, -8));
  const out = join(root, "both.onnx");
  const report = await importModel({ file: vision, out, text: { file: vision } });
  expect([...report.inspection.unused].sort()).toEqual(["attention_mask", "input_ids"]);
  expect(report.tower?.manifest.beside).toEqual([{ name: "attention_mask", type: "int64", holds: "mask" }]);
  expect(report.tower?.manifest.sigmoid?.scale).toBeCloseTo(20, 4);
  expect(report.tower?.manifest.sigmoid?.bias).toBe(-8);
  const tower = await openTextTower(out, report.manifest.text!);
  const { embedding } = (await tower.embed("blue"))!;
  await tower.release();
  expect(embedding[2]).toBeCloseTo(1 / Math.sqrt(1.5), 5);
});

test("what is wrong with a text tower is said, and nothing is written", async () => {
  const out = join(root, "never.onnx");
  const attempt = (at: string, change: () => void, options = {}) => {
    const { vision, text } = { vision: join(at, "onnx/vision_model.onnx"), text: join(at, "onnx/text_model.onnx") };
    change();
    return refused(importModel({ file: vision, out, text: { file: text }, ...options }));
  };
  const fresh = (options = {}) => {
    const at = folder();
    mkdirSync(at);
    writeTwoTowers(at, options);
    return at;
  };
  let at = fresh();
  expect(await attempt(at, () => rmSync(join(at, "tokenizer.json")))).toMatch(/no tokenizer\.json beside/);
  at = fresh();
  const kind = { ...tokenizerJson(), model: { type: "Unheard", vocab: {} } };
  expect(await attempt(at, () => writeFileSync(join(at, "tokenizer.json"), JSON.stringify(kind)))).toMatch(
    /of the kind Unheard; BPE, WordPiece, Unigram, WordLevel can be read/,
  );
  at = fresh();
  expect(await attempt(at, () => writeFileSync(join(at, "tokenizer.json"), "{"))).toMatch(/damaged/);
  at = fresh({ dim: 6 });
  expect(await attempt(at, () => {})).toMatch(/gives 6 values for a text, and .* 8 for a picture/);
  at = fresh({ output: "pooler_output" });
  expect(await attempt(at, () => {})).toMatch(/not of one space/);
  at = fresh();
  expect(await attempt(at, () => {}, { branches: parseDescriptors("SMG") })).toMatch(/Add V/);
  at = fresh();
  expect(await attempt(at, () => writeFileSync(join(at, "onnx/text_model.onnx"), imageTower()))).toMatch(
    /takes no words/,
  );
  at = fresh();
  const other = fresh();
  writeFileSync(join(at, "config.json"), JSON.stringify({ model_type: "clip" }));
  writeFileSync(join(other, "config.json"), JSON.stringify({ model_type: "siglip" }));
  const text = join(other, "onnx/text_model.onnx");
  expect(await attempt(at, () => {}, { text: { file: text } })).toMatch(/of the kind siglip, and .* of the kind clip/);
  expect(existsSync(out)).toBe(false);
  expect(existsSync(textTowerFile(out))).toBe(false);
  expect(readFileSync(text)).toEqual(Buffer.from(textTower()));
});

test("a pattern that goes on for ever ends with an error, holds nobody up, and the next text is split", async () => {
  const pre_tokenizer = { type: "Split", pattern: { Regex: "(a+)+$" }, behavior: "Isolated" };
  const tokens = await opened({ ...tokenizerJson(), pre_tokenizer }, { context: 12, pad: 0, clean: "none" });
  let turns = 0;
  const counting = setInterval(() => turns++, 20);
  expect(await refused(tokens.split(`${"a".repeat(60)}b`))).toMatch(/tokenizer of t\.onnx cannot be used: .*2 s/);
  clearInterval(counting);
  expect(turns).toBeGreaterThan(10);
  expect(await tokens.split("red")).toMatchObject({ used: 3 });
});

test("a text that unfolds beyond all memory ends with an error", async () => {
  const grow = (pattern: string) => ({ type: "Replace", pattern: { String: pattern }, content: pattern.repeat(4000) });
  const normalizer = { type: "Sequence", normalizers: [grow("a"), grow("a"), grow("a")] };
  const tokens = await opened({ ...tokenizerJson(), normalizer }, { context: 12, pad: 0, clean: "none" });
  expect(await refused(tokens.split("a"))).toMatch(/tokenizer of t\.onnx cannot be used/);
});

test("what is no tokenizer is refused", async () => {
  for (const text of [
    "",
    "{",
    "[]",
    "{}",
    '{"tokenizer":1,"config":{}}',
    '{"tokenizer":{"model":{"type":"BPE"}},"config":{}}',
  ])
    expect(await refused(TextTokens.open(text, { context: 12, pad: 0, clean: "none" }, "t.onnx"))).toMatch(/t\.onnx/);
});

test("a vocabulary of whole words knows these alone", async () => {
  const model = { type: "WordLevel", vocab: { "[UNK]": 0, red: 1, car: 2 }, unk_token: "[UNK]" };
  const tokenizer = {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "Whitespace" },
    post_processor: null,
    decoder: null,
    model,
  };
  const tokens = await opened(tokenizer, { context: 3, pad: 0, clean: "lower" });
  expect(await tokens.split("Red car")).toMatchObject({ ids: [1, 2, 0], used: 2, strange: [], cutTo: null });
  expect(await tokens.split("redcar car red red")).toMatchObject({ ids: [0, 2, 1], strange: ["redcar"] });
});

test("bytes of another script are no words", async () => {
  // Each byte is a token, as at the beginning of CLIP's vocabulary; `red` alone was merged.
  const bytes = Array.from({ length: 256 }, (_, i) =>
    String.fromCodePoint(i < 33 || (i > 126 && i < 161) || i === 173 ? 256 + i : i),
  );
  const pieces = [...bytes, ...bytes.map((byte) => `${byte}</w>`), "re", "red</w>"];
  const tokenizer = {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [{ type: "WhitespaceSplit" }, { type: "ByteLevel", add_prefix_space: false }],
    },
    post_processor: null,
    decoder: { type: "ByteLevel" },
    model: {
      type: "BPE",
      end_of_word_suffix: "</w>",
      vocab: Object.fromEntries(pieces.map((piece, i) => [piece, i])),
      merges: ["r e", "re d</w>"],
    },
  };
  const tokens = await opened(tokenizer, { context: 40, pad: 0, clean: "lower" });
  expect(await tokens.split("RED")).toMatchObject({ used: 1, strange: [] });
  expect((await tokens.split("red собака 小狗"))!.strange).toEqual(["собака", "小狗"]);
});
