import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDataset } from "../../../src/core/reports/datasets/index.ts";
import { MatFileError, readMatFile } from "../../../src/core/reports/datasets/matFile.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-datasets-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function lay(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const folder = join(root, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  return folder;
}

const CUB = {
  "images.txt": [
    "1 001.Black_footed_Albatross/Black_Footed_Albatross_0046_18.jpg",
    "2 001.Black_footed_Albatross/Black_Footed_Albatross_0009_34.jpg",
    "3 101.White_Pelican/White_Pelican_0001_96422.jpg",
    "4 101.White_Pelican/White_Pelican_0002_96300.jpg",
    "5 102.Western_Wood_Pewee/Western Wood Pewee 7.jpg",
  ].join("\n"),
  "image_class_labels.txt": "1 1\n2 1\n3 101\n4 101\n5 102\n",
  "classes.txt": "1 001.Black_footed_Albatross\n101 101.White_Pelican\n102 102.Western_Wood_Pewee\n",
  "train_test_split.txt": "1 0\n2 1\n3 0\n4 1\n5 1\n",
  "bounding_boxes.txt":
    "1 60.0 27.0 325.0 304.0\n2 139.0 30.0 153.0 264.0\n3 14.0 112.0 388.0 186.0\n4 1 1 1 1\n5 2 2 0 9\n",
};

test("CUB-200-2011: classes above 100 are the test, whatever the split of classification says", async () => {
  const { images, protocol, note, ks, warnings, root: at } = await readDataset("cub", lay("cub", CUB));
  expect(at).toBe(join(root, "cub"));
  expect(images.map(({ part }) => part)).toEqual(["train", "train", "test", "test", "test"]);
  expect(images[2]).toEqual({
    path: "images/101.White_Pelican/White_Pelican_0001_96422.jpg",
    label: "101.White_Pelican",
    part: "test",
    box: { x: 14, y: 112, width: 388, height: 186 },
  });
  expect(images[4]!.path).toBe("images/102.Western_Wood_Pewee/Western Wood Pewee 7.jpg");
  // A box without width is none.
  expect(images[4]!.box).toBeUndefined();
  expect([protocol, ks, warnings]).toEqual(["by-class", [1, 2, 4, 8], []]);
  expect(note).toContain("above 100");
});

test("CUB: its images folder is enough to name, a part of the classes is halved, and odd lines are named", async () => {
  const folder = lay("cub part", {
    ...CUB,
    "images.txt": "\uFEFF1 a/1.jpg\r\n2 a/2.jpg\r\nnot a line\r\n3 b/1.jpg\r\n3 b/2.jpg\r\n9 c/9.jpg\r\n",
    "image_class_labels.txt": "1 3\n2 3\n3 7\n4",
    "images/a/1.jpg": "",
  });
  const { images, note, warnings, root: at } = await readDataset("cub", join(folder, "images"));
  expect(at).toBe(folder);
  expect(images.map(({ path, part, label }) => [path, part, label])).toEqual([
    ["images/a/1.jpg", "train", "3"],
    ["images/a/2.jpg", "train", "3"],
    ["images/b/1.jpg", "test", "7"],
  ]);
  expect(note).toContain("a part of it");
  expect(warnings).toEqual([
    "Lines of images.txt that cannot be used, left out: 2: line 3, line 5.",
    "Lines of image_class_labels.txt that cannot be used, left out: 1: line 4.",
    "Images without a class in image_class_labels.txt, left out: 1.",
  ]);
});

test("Stanford Online Products: two lists with a header", async () => {
  const folder = lay("sop", {
    "Ebay_train.txt": "image_id class_id super_class_id path\n1 1 1 bicycle_final/111085122871_0.JPG\n",
    "Ebay_test.txt":
      "image_id class_id super_class_id path\n59552 11319 1 bicycle_final/251952414262_0.JPG\n59553 11319 1\n",
  });
  const { images, protocol, ks, warnings } = await readDataset("sop", folder);
  expect(images).toEqual([
    { path: "bicycle_final/111085122871_0.JPG", label: "1", part: "train" },
    { path: "bicycle_final/251952414262_0.JPG", label: "11319", part: "test" },
  ]);
  expect([protocol, ks]).toEqual(["by-class", [1, 10, 100, 1000]]);
  expect(warnings).toEqual(["Lines of Ebay_test.txt that cannot be used, left out: 1: line 3."]);
});

test("In-Shop: query and gallery apart, the list beside the images or in Eval", async () => {
  const list = [
    "4",
    "image_name item_id evaluation_status",
    "img/WOMEN/Dresses/id_00000002/02_1_front.jpg                       id_00000002 train",
    "img/WOMEN/Blouses/id_00000001/01_1_front.jpg  id_00000001 query",
    "img/WOMEN/Blouses/id_00000001/01_2_side.jpg   id_00000001 gallery",
    "img/WOMEN/Blouses/id_00000001/01_3_back.jpg   id_00000001 tested",
  ].join("\n");
  const { images, protocol, warnings } = await readDataset(
    "inshop",
    lay("inshop", { "Eval/list_eval_partition.txt": list }),
  );
  expect(images.map(({ label, part }) => [label, part])).toEqual([
    ["id_00000002", "train"],
    ["id_00000001", "query"],
    ["id_00000001", "gallery"],
  ]);
  expect(protocol).toBe("query-gallery");
  expect(warnings).toEqual(
    ["Lines of list_eval_partition.txt that cannot be used, left out: 1: line 6."].map((text) =>
      text.replace("of ", "of Eval/"),
    ),
  );
  expect((await readDataset("inshop", lay("inshop flat", { "list_eval_partition.txt": list }))).images).toHaveLength(3);
});

test("In-Shop: boxes of list_bbox_inshop.txt, its corners counted from 1, with lines of Windows", async () => {
  const list = [
    "2",
    "image_name item_id evaluation_status",
    "img/WOMEN/Tees Tanks/id_00000001/01_1_front.jpg\tid_00000001   query",
    "img/WOMEN/Tees Tanks/id_00000001/01_2_side.jpg     id_00000001 gallery",
    "",
  ];
  const boxes = [
    "3",
    "image_name clothes_type pose_type x_1 y_1 x_2 y_2",
    "img/WOMEN/Tees Tanks/id_00000001/01_1_front.jpg          1 1 069 068 156 198",
    "img/WOMEN/Tees Tanks/id_00000001/01_2_side.jpg  1 2 100 068 090 198",
    "img/WOMEN/Tees Tanks/id_00000001/01_4_full.jpg  1 2 x 068 090 198",
  ];
  const { images, warnings } = await readDataset(
    "inshop",
    lay("inshop boxes", {
      "Eval/list_eval_partition.txt": list.join("\r\n"),
      "Anno/list_bbox_inshop.txt": boxes.join("\r\n"),
    }),
  );
  const [path, label] = ["img/WOMEN/Tees Tanks/id_00000001/01_", "id_00000001"];
  expect(images).toEqual([
    { path: `${path}1_front.jpg`, label, part: "query", box: { x: 68, y: 67, width: 88, height: 131 } },
    { path: `${path}2_side.jpg`, label, part: "gallery" },
  ]);
  expect(warnings).toEqual(["Lines of Anno/list_bbox_inshop.txt that cannot be used, left out: 2: line 4, line 5."]);
});

test("the folder that an archive was unpacked into is enough to name", async () => {
  const folder = lay("unpacked", {
    "CUB_200_2011/images.txt": "1 001.Black_footed_Albatross/a.jpg\n2 101.White_Pelican/b.jpg\n",
    "CUB_200_2011/image_class_labels.txt": "1 1\n2 101\n",
    "attributes.txt": "1 has_bill_shape::curved\n",
  });
  const { root, images } = await readDataset("cub", folder);
  expect(root).toBe(join(folder, "CUB_200_2011"));
  expect(images.map(({ path, part }) => [path, part])).toEqual([
    ["images/001.Black_footed_Albatross/a.jpg", "train"],
    ["images/101.White_Pelican/b.jpg", "test"],
  ]);
});

/** Written by scipy.io.savemat (1.17), compressed: `annotations` of four images of two classes, and `class_names`. */
const CARS_ANNOS = Buffer.from(
  "TUFUTEFCIDUuMCBNQVQtZmlsZSBQbGF0Zm9ybTogcG9zaXgsIENyZWF0ZWQgb246IE1vbiBOb3YgMzAgMDc6NTg6NDMgMjAyNgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABSU0PAAAA+QAAAHicpZNNCsIwEIWntf6AUlQQ3HoBtdWFR/ACrktaij9oW0zQehFP4sYDuBG8k9GmGktXvgfDMJN8kw6P2iTVIKpliUzKVFW1IcNSuSmDRVEsmFjHEVf3LOqo86OMfbiVp4fQW++8hIkV+X6ceqlDH70bp2IjdYs3tEawZZyTJhFyQT+yZczpu4dVskdX5Zfaqg7YXn4qH41fcoabZPmdN9Pm2SXzDG1eS/UTwvg6yC8qGP8wMT6v/+VJ42E/XdzPMbhPH+SvBsbfwfdRP3Ue9nOC+4n+XxbI90A/L+D7JsiTxsN+TnE/B+A+LsjfQP4M8qifef0Enx1Gcw8AAAB0AAAAeJzjY2BgeADEbEDMAcSMDBDAisRngtLcQJyck1hcHJ+XmJtaDFbHB8QBSPpZsOiXQjJXAMp39FVwT81LLUrMUfAozc1NLVIIDg1TMDIwMGCAm+tBwFxhNHNBfMfk0qJEhSAfheDUlMQ8oIGGRmB5ADYgFKc=",
  "base64",
);

test("CARS196: one MAT-file for all images, as MATLAB writes it", async () => {
  const { images, note } = await readDataset("cars", lay("cars", { "cars_annos.mat": CARS_ANNOS }));
  expect(images).toHaveLength(4);
  expect(images[0]).toEqual({
    path: "car_ims/000001.jpg",
    label: "AM General Hummer SUV 2000",
    part: "train",
    box: { x: 111, y: 6, width: 742, height: 711 },
  });
  expect(images[2]).toMatchObject({ label: "Acura RL Sedan 2012", part: "test" });
  expect(note).toContain("a part of it");
});

test("CARS196: a MAT-file per folder, as the devkit has them, and a test whose classes are not there", async () => {
  const devkit = {
    "devkit/cars_train_annos.mat": matFile([
      ["00001.jpg", 1, 39],
      ["00002.jpg", 99, 36],
    ]),
    "devkit/cars_test_annos.mat": matFile([["00001.jpg", undefined, 30]]),
  };
  const known = await readDataset("cars", lay("cars devkit", devkit));
  expect(known.images.map(({ path, label, part }) => [path, label, part])).toEqual([
    ["cars_train/00001.jpg", "1", "train"],
    ["cars_train/00002.jpg", "99", "test"],
  ]);
  expect(known.warnings.join()).toMatch(/without a class in the annotations, left out: 1.*cars_test_annos_withlabels/);
  const labelled = { ...devkit, "cars_test_annos_withlabels.mat": matFile([["00001.jpg", 150, 30]]) };
  const whole = await readDataset("cars", lay("cars whole", labelled));
  expect(whole.images.at(-1)).toMatchObject({ path: "cars_test/00001.jpg", label: "150", part: "test" });
  expect(whole.warnings).toEqual([]);
});

test("what is no such data set says which file is missing, and a damaged file does not take the process down", async () => {
  const empty = lay("empty", { "a/1.jpg": "" });
  for (const dataset of ["cub", "cars", "sop", "inshop"] as const) {
    await expect(readDataset(dataset, empty)).rejects.toThrow(/is not .* as it is distributed: .* is not there/);
  }
  await expect(readDataset("cub", lay("no labels", { "images.txt": "1 a/1.jpg" }))).rejects.toThrow(
    /image_class_labels\.txt: it is not there/,
  );
  await expect(
    readDataset("sop", lay("no lines", { "Ebay_train.txt": "", "Ebay_test.txt": "header" })),
  ).rejects.toThrow(/lists no image of Stanford/);
  await expect(readDataset("cars", lay("no mat", { "cars_annos.mat": "text" }))).rejects.toThrow(/too short/);
  for (let length = 128; length < CARS_ANNOS.length; length += 7) {
    try {
      readMatFile(CARS_ANNOS.subarray(0, length));
    } catch (error) {
      expect(error).toBeInstanceOf(MatFileError);
    }
  }
  for (let at = 128; at < CARS_ANNOS.length; at++) {
    const bent = Buffer.from(CARS_ANNOS);
    bent[at]! ^= 0xff;
    try {
      readMatFile(bent);
    } catch (error) {
      expect(error).toBeInstanceOf(MatFileError);
    }
  }
});

/** A MAT-file of level 5 with a struct array `annotations` (bbox_x1, bbox_y1, bbox_x2, bbox_y2, class, fname), big endian. */
function matFile(rows: readonly (readonly [fname: string, number: number | undefined, x1: number])[]): Buffer {
  const element = (type: number, data: Buffer) => {
    const tag = Buffer.alloc(8);
    tag.writeUInt32BE(type, 0);
    tag.writeUInt32BE(data.length, 4);
    return Buffer.concat([tag, data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
  };
  const uint32 = (...values: number[]) =>
    Buffer.concat(values.map((value) => Buffer.from(Uint32Array.of(value).buffer).swap32()));
  const matrix = (kind: number, dims: number[], name: string, ...parts: Buffer[]) =>
    element(
      14,
      Buffer.concat([
        element(6, uint32(kind, 0)),
        element(5, uint32(...dims)),
        element(1, Buffer.from(name)),
        ...parts,
      ]),
    );
  const number = (value: number) => {
    const double = Buffer.alloc(8);
    double.writeDoubleBE(value);
    return matrix(6, [1, 1], "", element(9, double));
  };
  // MATLAB writes characters as 16 bits each.
  const text = (value: string) => matrix(4, [1, value.length], "", element(4, Buffer.from(value, "utf16le").swap16()));
  const withClass = rows.every(([, known]) => known !== undefined);
  const fields = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", ...(withClass ? ["class"] : []), "fname"];
  const names = Buffer.concat(
    fields.map((field) => Buffer.concat([Buffer.from(field), Buffer.alloc(32 - field.length)])),
  );
  const values = rows.flatMap(([fname, known, x1]) => [
    ...[x1, 2, 300, 200].map(number),
    ...(withClass ? [number(known!)] : []),
    text(fname),
  ]);
  const small = Buffer.from([0, 4, 0, 5, 0, 0, 0, 32]);
  const header = Buffer.alloc(128);
  header.write("MATLAB 5.0 MAT-file");
  header.writeUInt16BE(0x0100, 124);
  header.write("MI", 126);
  return Buffer.concat([header, matrix(2, [1, rows.length], "annotations", small, element(1, names), ...values)]);
}
