import { describe, expect, test } from "vitest";
import { readColumns } from "../../../src/core/tables/readColumns.ts";
import { tableFile } from "./tables.ts";

const FOLDER = "/images/pets";

/** What each image is given, and what was told. @param rows of a table `path,label` */
async function matched(images: readonly string[], rows: readonly string[], header = "path,label", column = "label") {
  const file = tableFile([header, ...rows].join("\n"));
  const { columns, notes } = await readColumns({ file, columns: [column], images, folder: FOLDER });
  const { names, codes, several } = columns[0]!;
  const given = Object.fromEntries(
    images.map((path, i) => [path, several.has(i) ? "several" : (names[codes[i]!] ?? "")]),
  );
  return { given, notes };
}

describe("a row finds its image", () => {
  test("by a path relative to the folder, in any way of writing it, or absolute", async () => {
    const images = ["cats/1.png", "cats/2.png", "dogs/1.png", "dogs/2.png"];
    const rows = ["./cats//1.png,a", "cats\\2.png,b", `${FOLDER}/dogs/1.png,c`, "x/../dogs/2.png,d"];
    const { given, notes } = await matched(images, rows);
    expect(Object.values(given)).toEqual(["a", "b", "c", "d"]);
    expect(notes.assumed).toEqual({ letters: 0, name: 0, stem: 0, end: 0 });
  });

  test("whose letters are composed where the table's are not, or the other way", async () => {
    const [composed, decomposed] = ["caf\u00E9/1.png", "cafe\u0301/2.png"];
    const { given, notes } = await matched([composed, decomposed], ["cafe\u0301/1.png,a", "caf\u00E9/2.png,b"]);
    expect(given).toEqual({ [composed]: "a", [decomposed]: "b" });
    expect(notes.assumed).toEqual({ letters: 2, name: 0, stem: 0, end: 0 });
    // Where both are there, each is its own.
    const both = ["\u00E9.png", "e\u0301.png"];
    expect((await matched(both, ["\u00E9.png,a", "e\u0301.png,b"])).given).toEqual({
      [both[0]!]: "a",
      [both[1]!]: "b",
    });
  });

  test("without its ending, where only one image has that name", async () => {
    const images = ["cats/a.png", "b.jpg", "cats/c.png", "dogs/c.png", "d.png", "d.jpg"];
    const { given, notes } = await matched(
      images,
      ["a,1", "b,2", "c,3", "d,4", "cats/c,5", "e,6"],
      "id,breed",
      "breed",
    );
    expect(given).toEqual({
      "cats/a.png": "1",
      "b.jpg": "2",
      "cats/c.png": "5",
      "dogs/c.png": "",
      "d.png": "",
      "d.jpg": "",
    });
    expect(notes.assumed.stem).toBe(3);
    expect(notes.ambiguous).toEqual({ count: 2, first: ["c", "d"] });
    expect(notes.unknown).toEqual({ count: 1, first: ["e"] });
  });

  test.each([
    ["another machine", "/home/ann/sets/pets/"],
    ["Windows", "D:\\sets\\pets\\"],
    ["a share", "\\\\server\\sets\\pets\\"],
    ["an address", "file:///home/ann/pets/"],
  ])("by the end of a path of %s", async (_, root) => {
    const images = ["cats/1.png", "dogs/1.png", "dogs/2.png"];
    const path = (name: string) => (root.includes("\\") ? root + name.replace("/", "\\") : root + name);
    const rows = [`${path("cats/1.png")},a`, `${path("dogs/1.png")},b`];
    const { given, notes } = await matched(images, rows);
    expect(Object.values(given)).toEqual(["a", "b", ""]);
    expect(notes.assumed.end).toBe(2);
  });

  test("by an address, of a site or a bucket, and by letters as in one", async () => {
    const images = ["cats/1.png", "dogs/a b.png", "dogs/100%.png", "caf\u00E9.png", "birds/2.png"];
    const rows = [
      "https://example.org/set/cats/1.png?size=large#top,a",
      "s3://bucket/set/dogs/a%20b.png,b",
      "dogs/100%.png,c",
      "caf%C3%A9.png,d",
      "file:///home/ann/birds/2.png,e",
    ];
    const { given, notes } = await matched(images, rows);
    expect(Object.values(given)).toEqual(["a", "b", "c", "d", "e"]);
    expect(notes.assumed).toEqual({ letters: 1, name: 0, stem: 0, end: 3 });
    // What is a name as it stands is that.
    expect((await matched(["a%20b.png", "a b.png"], ["a%20b.png,a", "a b.png,b"])).given).toEqual({
      "a%20b.png": "a",
      "a b.png": "b",
    });
  });

  test("in another case, where only one image has that name and no row names it as it is", async () => {
    const images = ["cats/1.png", "Dogs/2.JPG", "birds/3.png", "birds/4.png", "Birds/4.png"];
    const rows = ["CATS/1.PNG,a", "dogs/2.jpg,b", "birds/3.png,c", "Birds/3.PNG,d", "BIRDS/4.PNG,e"];
    const { given, notes } = await matched(images, rows);
    expect(Object.values(given)).toEqual(["a", "b", "c", "", ""]);
    expect(notes.assumed).toEqual({ letters: 2, name: 0, stem: 0, end: 0 });
    expect(notes.unknown).toEqual({ count: 1, first: ["Birds/3.PNG"] });
    expect(notes.ambiguous).toEqual({ count: 1, first: ["BIRDS/4.PNG"] });
    // Two files elsewhere that would be one here.
    const two = await matched(["x.png"], ["X.png,a", "X.PNG,b"]);
    expect(two.given).toEqual({ "x.png": "" });
    expect(two.notes.ambiguous.count).toBe(2);
  });

  test("by the file name of such a path, where only one image has it and nothing says otherwise", async () => {
    const { given, notes } = await matched(["cats/1.png", "dogs/2.png"], ["/flat/1.png,a", "C:\\flat\\2.png,b"]);
    expect(Object.values(given)).toEqual(["a", "b"]);
    expect(notes.assumed.end).toBe(2);
  });
});

describe("a row finds no image", () => {
  test("where its file would be in the folder and is not", async () => {
    // One row shows where the other machine's folder begins; the other's file is not here, though one of its name is.
    const rows = [
      "/home/ann/pets/cats/1.png,a",
      "/home/ann/pets/birds/2.png,b",
      `${FOLDER}/birds/3.png,c`,
      "birds/3.png,d",
    ];
    const { given, notes } = await matched(["cats/1.png", "dogs/2.png", "dogs/3.png"], rows);
    expect(Object.values(given)).toEqual(["a", "", ""]);
    expect(notes.unknown.count).toBe(3);
  });

  test("where it names none, and that can be seen", async () => {
    const { notes } = await matched(["a.png"], ["a.png,x", ",y", "  ,z"]);
    expect(notes.unknown).toEqual({ count: 2, first: ['""', '""'] });
  });

  test("where another row names that image more surely", async () => {
    const { given, notes } = await matched(["cats/1.png"], ["/other/cats/1.png,a", "cats/1.png,b"]);
    expect(given).toEqual({ "cats/1.png": "b" });
    expect(notes.unknown).toEqual({ count: 1, first: ["/other/cats/1.png"] });
  });

  test("where two files elsewhere would be one here: neither is, and both are named", async () => {
    const { given, notes } = await matched(["1.png"], ["/x/cats/1.png,a", "/x/dogs/1.png,b"]);
    expect(given).toEqual({ "1.png": "" });
    expect(notes.ambiguous).toEqual({ count: 2, first: ["/x/cats/1.png", "/x/dogs/1.png"] });
  });

  test("where several images have that name", async () => {
    const { given, notes } = await matched(["cats/1.png", "dogs/1.png"], ["1.png,a", "/x/1.png,b"]);
    expect(Object.values(given)).toEqual(["", ""]);
    expect(notes.ambiguous.count).toBe(2);
  });
});

describe("several rows about one image", () => {
  test("of the same value are one; of different ones all count, and they are told", async () => {
    const images = ["1.png", "2.png", "3.png"];
    const { given, notes } = await matched(images, ["1.png,a", "1.png,a", "2.png,a", "./2.png,b", "3.png,c", "3.png,"]);
    expect(given).toEqual({ "1.png": "a", "2.png": "several", "3.png": "c" });
    expect(notes.repeated).toBe(3);
    expect(notes.contradictory).toEqual({ count: 1, first: ["2.png"] });
  });
});

describe("columns", () => {
  test("are known in another case, which is told; two such are ambiguous", async () => {
    const { given, notes } = await matched(["1.png"], ["1.png,a"], "Path,LABEL");
    expect([given["1.png"], notes.taken]).toEqual(["a", { column: "LABEL", images: null, firstOf: [] }]);
    await expect(matched(["1.png"], ["1.png,a,b"], "path,Label,LABEL")).rejects.toThrow(/no column "label"/);
    expect((await matched(["1.png"], ["1.png,a,b"], "path,label,LABEL")).given).toEqual({ "1.png": "a" });
  });

  test("that name images are told where they were known by what they hold alone", async () => {
    const { notes } = await matched(["1.png"], ["1.png,a"], "picture,label");
    expect(notes.taken.images).toBe("picture");
    // Without an ending, and under a name that says nothing: labels are not taken for names.
    const dogs = await matched(["beagle.png", "x1.png", "x2.png"], ["x1,beagle", "x2,beagle"], "which,label");
    expect([dogs.given, dogs.notes.taken.images]).toEqual([
      { "beagle.png": "", "x1.png": "beagle", "x2.png": "beagle" },
      "which",
    ]);
  });

  test("need a header", async () => {
    await expect(matched(["1.png", "2.png"], ["2.png,b"], "1.png,a", "a")).rejects.toThrow(
      /begins with "1\.png" instead of the names of its columns/,
    );
  });
});

test("a path with what our own export puts before formulas comes back as it was", async () => {
  expect((await matched(["=1+1.png"], ["'=1+1.png,a"])).given).toEqual({ "=1+1.png": "a" });
});
