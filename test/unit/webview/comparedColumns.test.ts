import { expect, test } from "vitest";
import { comparedColumns } from "../../../webview-ui/similar/viewModel.ts";

const ranked = (...paths: string[]) => paths.map((path, i) => ({ rank: i + 1, path, score: 1 - i / 10 }));

test("each model has a column of its own letter and colour, whatever the names", () => {
  const names = Array.from({ length: 7 }, (_, i) => `mobilenetv2 ${i}`);
  const columns = comparedColumns(names.map((name) => ({ name, ranked: null })));
  expect(columns.map(({ name, style }) => [name, style.label])).toEqual(names.map((name) => [name, name]));
  expect(columns.map(({ style }) => style.letter).join("")).toBe("ABCDEFG");
  expect(new Set(columns.map(({ style }) => style.colour)).size).toBe(7);
});

test("cards say in which other lists they stand; a model without an answer has none", () => {
  const [one, two, three] = comparedColumns([
    { name: "one", ranked: ranked("a/x.png", "b.png") },
    { name: "two", ranked: ranked("c.png", "a/x.png") },
    { name: "three", ranked: null },
  ]);
  expect(one!.cards[0]).toMatchObject({ fileName: "x.png", folderName: "a", rank: 1, score: 1, shares: [] });
  const places = (card: { places: readonly { column: string; rank: number }[] } | undefined) =>
    card?.places.map(({ column, rank }) => `${column} ${rank}`);
  expect(places(one!.cards[0])).toEqual(["one 1", "two 2"]);
  expect(places(one!.cards[1])).toEqual(["one 2"]);
  expect(places(two!.cards[1])).toEqual(["one 1", "two 2"]);
  expect(three!.cards).toEqual([]);
});
