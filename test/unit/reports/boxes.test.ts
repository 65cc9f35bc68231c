import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBoxes } from "../../../src/core/reports/boxes.ts";
import type { ImageRecord } from "../../../src/core/search/index.ts";

const IMAGES = ["cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "dog/2.jpg"];
const LABELS = new Map(IMAGES.map((path) => [path, path.split("/")[0]!]));
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-boxes-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Every image is 200 x 100 pixels. */
const source = { record: async (path: string) => ({ path, width: 200, height: 100 }) as ImageRecord };

function read(name: string, text: string) {
  const file = join(root, name);
  writeFileSync(file, text);
  return readBoxes(file, IMAGES, root, LABELS, source);
}

test("COCO: of several boxes the largest of the label counts, in pixels of the image that is here", async () => {
  const coco = {
    images: [
      { id: 7, file_name: "cat/1.jpg", width: 400, height: 200 },
      { id: 8, file_name: "dog/1.jpg", width: 200, height: 100 },
      { id: 9, file_name: "cat/2.jpg" },
      { id: 10, file_name: "elsewhere.jpg", width: 200, height: 100 },
      { id: 11, file_name: "dog/2.jpg", width: 100, height: 200 },
    ],
    categories: [
      { id: 1, name: "cat" },
      { id: 2, name: "sofa" },
    ],
    annotations: [
      { image_id: 7, bbox: [0, 0, 400, 200], category_id: 2 },
      { image_id: 7, bbox: [20, 10, 40, 20], category_id: 1 },
      { image_id: 7, bbox: [0, 0, 8, 8], category_id: 1 },
      { image_id: 8, bbox: [-10, 50, 60, 80], category_id: 2 },
      { image_id: 8, bbox: [1, 1, 5, 0], category_id: 2 },
      { image_id: 8, bbox: [300, 1, 5, 5], category_id: 2 },
      { image_id: 8, bbox: [1, 2, 3], category_id: 2 },
      { image_id: 8, bbox: [0, 0, 200, 100], category_id: 2, iscrowd: 1 },
      { image_id: 9, bbox: [0, 0, 20, 30], category_id: 2 },
      { image_id: 10, bbox: [0, 0, 20, 30], category_id: 2 },
      { image_id: 11, bbox: [0, 0, 20, 30], category_id: 1 },
      { image_id: 12, bbox: [0, 0, 20, 30], category_id: 1 },
    ],
  };
  const { boxes, warnings } = await read("instances.json", JSON.stringify(coco));
  expect([...boxes]).toEqual([
    ["cat/1.jpg", { x: 10, y: 5, width: 20, height: 10 }],
    ["dog/1.jpg", { x: 0, y: 50, width: 50, height: 50 }],
    ["cat/2.jpg", { x: 0, y: 0, width: 20, height: 30 }],
  ]);
  expect(warnings).toEqual([
    "Rows of instances.json that match no image: 1: elsewhere.jpg.",
    "1 annotation of instances.json of no image in its list, left out.",
    "1 crowd in instances.json, left out.",
    "Boxes of instances.json that reach over the edge of their image, cut to it: 1: dog/1.jpg.",
    "Boxes of instances.json without an area, left out: 1: dog/1.jpg.",
    "Boxes of instances.json outside of their image, left out: 1: dog/1.jpg.",
    "Boxes of instances.json that are no four numbers, left out: 1: dog/1.jpg.",
    "Boxes of instances.json in images of other proportions than those here, left out: 1: dog/2.jpg.",
    "Images with several boxes: 1. The largest counts, of those that are called like the image's label where there are any.",
  ]);
});

test("a table: sides or corners, in any case, pixels or shares, of an image of another size", async () => {
  const box = { x: 20, y: 10, width: 100, height: 40 };
  const of = async (name: string, text: string) => (await read(name, text)).boxes.get("cat/1.jpg");
  expect(await of("sides.csv", "path,x,y,width,height\ncat/1.jpg,20,10,100,40\n")).toEqual(box);
  expect(await of("corners.csv", "XMin;YMin;XMax;YMax;file_name\n20;10;120;50;cat/1.jpg\n")).toEqual(box);
  expect(
    await of("scaled.csv", "image,x1,y1,x2,y2,image_width,image_height\ncat/1.jpg,40,20,240,100,400,200\n"),
  ).toEqual(box);
  const shares = await read("shares.csv", "path,xmin,ymin,xmax,ymax\ncat/1.jpg,0.1,0.1,0.6,0.5\ndog/1.jpg,0,0,1,1\n");
  expect(shares.boxes.get("cat/1.jpg")!.width).toBeCloseTo(100, 6);
  expect(shares.boxes.get("dog/1.jpg")).toEqual({ x: 0, y: 0, width: 200, height: 100 });
  expect(shares.warnings[0]).toContain("taken for shares of the images' sides");
  // Annotations are rounded: a pixel over the edge is nothing to tell of.
  const rounded = await read("rounded.csv", "path,x,y,width,height\ncat/1.jpg,0,0,201,100\n");
  expect(rounded.boxes.get("cat/1.jpg")).toEqual({ x: 0, y: 0, width: 200, height: 100 });
  expect(rounded.warnings).toEqual([]);
});

test("a file that holds no box of these images says what is wrong with it, and what to give instead", async () => {
  await expect(read("a.csv", "path,label\ncat/1.jpg,cat\n")).rejects.toThrow(
    "has no columns of a box. Call them x, y,",
  );
  await expect(read("b.csv", "path,x,y,width,height\nbird.jpg,1,2,3,4\n")).rejects.toThrow(
    "has no box of any of the images (it names 1: bird.jpg)",
  );
  await expect(read("c.csv", "path,x,y,width,height\ncat/1.jpg,9,9,0,4\n")).rejects.toThrow(
    "has no box that can be used. Boxes of c.csv without an area, left out: 1: cat/1.jpg.",
  );
  await expect(read("d.json", '{"images": [')).rejects.toThrow("it is no JSON");
  await expect(read("e.json", '{"images": []}')).rejects.toThrow('no list "annotations"');
  await expect(read("f.json", "[1]")).rejects.toThrow('no list "images"');
  await expect(readBoxes(join(root, "none.csv"), IMAGES, root, LABELS, source)).rejects.toThrow("none.csv");
});
