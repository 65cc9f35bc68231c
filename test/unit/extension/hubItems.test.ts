import { expect, test } from "vitest";
import { hubItems, licenceWarnings, weightsItems } from "../../../src/extension/models/hubItems.ts";

const t = (text: string, ...args: (string | number)[]) => text.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)]));

test("the catalogue shows repository, licence, size and what each is good at; another repository comes last", () => {
  const choice = { name: "Eye", repo: "a/eye", goodAt: "parts", licence: "mit", megabytes: 88.5 };
  const items = hubItems([choice], t);
  expect(items[0]).toMatchObject({ label: "Eye", description: "a/eye · mit · 88.5 MB", detail: "parts", choice });
  expect(items.at(-1)).toMatchObject({ choice: null });
});

test("the wanted file stands first, and each says how its numbers are stored", () => {
  const file = (path: string, precision: "float32" | "int8") => ({ path, bytes: 1_000_000, precision, text: null });
  const items = weightsItems([file("a.onnx", "float32"), file("b.onnx", "int8")], "b.onnx", t);
  expect(items.map(({ label, description }) => [label, description])).toEqual([
    ["b.onnx", "1.0 MB · int8: small; finds a little less"],
    ["a.onnx", "1.0 MB · float32"],
  ]);
});

test("what forbids products and what has terms of its own is told, wherever it stands", () => {
  expect(
    licenceWarnings(
      [
        { text: "apache-2.0", where: "card", flag: null },
        { text: "cc-by-nc-4.0", where: "configuration", flag: "forbids" },
        { text: "dinov3-license", where: "card", flag: "terms" },
      ],
      t,
    ),
  ).toEqual([
    "cc-by-nc-4.0, as the configuration says: it forbids the use in products.",
    "dinov3-license, as the model card says: terms of its own. Read them first.",
  ]);
});
