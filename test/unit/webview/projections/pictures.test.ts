import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PictureSource } from "../../../../webview-ui/plot/plotTypes.ts";
import { Pictures } from "../../../../webview-ui/projections/pictures.ts";
import type { LoadedThumbnail, ThumbnailStore } from "../../../../webview-ui/thumbnailStore.ts";

/** Requests that wait for their answer, by path. */
let asked: Map<string, (thumbnail: LoadedThumbnail | Error) => void>;
let shown: ReadonlyMap<number, PictureSource>;
let pictures: Pictures;
const store = {
  load: (path: string) =>
    new Promise<LoadedThumbnail>((done, fail) => {
      asked.set(path, (answer) => (answer instanceof Error ? fail(answer) : done(answer)));
    }),
} as unknown as ThumbnailStore;

beforeEach(() => {
  vi.stubGlobal(
    "Image",
    class {
      src = "";
      async decode(): Promise<void> {}
    },
  );
  asked = new Map();
  shown = new Map();
  pictures = new Pictures((next) => {
    shown = next;
  });
});
afterEach(() => vi.unstubAllGlobals());

const settled = () => new Promise((done) => setTimeout(done));
const rows = (...all: number[]) => new Map(all.map((row) => [row, `${row}.png`]));
async function answer(path: string, thumbnail: LoadedThumbnail | Error = { url: path, width: 2, height: 1 }) {
  asked.get(path)!(thumbnail);
  asked.delete(path);
  await settled();
}

test("a few are asked for at a time, the next when one has come", async () => {
  pictures.show(rows(0, 1, 2, 3, 4, 5, 6), store);
  expect([...asked.keys()]).toEqual(["0.png", "1.png", "2.png", "3.png"]);
  await answer("1.png");
  expect([...shown.keys()]).toEqual([1]);
  expect(shown.get(1)).toMatchObject({ width: 2, height: 1, image: { src: "1.png" } });
  expect([...asked.keys()]).toEqual(["0.png", "2.png", "3.png", "4.png"]);
});

test("what has left the view is asked for no more, and shown no more when it comes", async () => {
  pictures.show(rows(0, 1, 2, 3, 4, 5), store);
  await answer("0.png");
  pictures.show(rows(0, 9), store);
  expect([...shown.keys()]).toEqual([0]);
  for (const path of ["1.png", "2.png", "3.png", "4.png"]) await answer(path);
  expect([...asked.keys()]).toEqual(["9.png"]);
  expect([...shown.keys()]).toEqual([0]);
  await answer("9.png");
  expect([...shown.keys()]).toEqual([0, 9]);
});

test("another image of the same row is loaded anew, one that cannot be shown stays a point, and none are shown when off", async () => {
  pictures.show(rows(0, 1), store);
  await answer("0.png");
  await answer("1.png", new Error("not an image"));
  expect([...shown.keys()]).toEqual([0]);
  pictures.show(new Map([[0, "other.png"]]), store);
  expect([...shown.keys()]).toEqual([]);
  await answer("other.png");
  expect([...shown.keys()]).toEqual([0]);
  pictures.show(new Map(), undefined);
  expect([...shown.keys()]).toEqual([]);
});
