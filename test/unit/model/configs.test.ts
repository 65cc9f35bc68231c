import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfigs } from "../../../src/core/model/configs/index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lookalike-configs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, content: unknown) =>
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
const read = (file = "model.onnx") => readConfigs(join(folder, file));

const HALF = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
const shortest = (side: number) => ({ fit: "shortest", side, halves: "down" });

/** Files as the repositories of these networks have them, and how their own libraries resize by them. */
test.each<[string, object, object]>([
  [
    "DINOv2",
    {
      image_processor_type: "BitImageProcessor",
      do_resize: true,
      size: { shortest_edge: 256 },
      do_center_crop: true,
      crop_size: { height: 224, width: 224 },
      resample: 3,
      ...HALF,
    },
    { width: 224, height: 224, resize: shortest(256), kernel: "bicubic" },
  ],
  [
    "DINOv3",
    { image_processor_type: "DINOv3ViTImageProcessorFast", size: { height: 224, width: 224 }, resample: 2, ...HALF },
    { width: 224, height: 224, resize: "squash", kernel: "bilinear" },
  ],
  [
    "CLIP, with numbers for sizes",
    {
      feature_extractor_type: "CLIPFeatureExtractor",
      size: 224,
      crop_size: 224,
      do_center_crop: true,
      resample: 3,
      ...HALF,
    },
    { width: 224, height: 224, resize: shortest(224), kernel: "bicubic" },
  ],
  [
    "ViT, with a number for its size",
    { feature_extractor_type: "ViTFeatureExtractor", size: 224, resample: 2, ...HALF },
    { width: 224, height: 224, resize: "squash", kernel: "bilinear" },
  ],
  [
    "DeiT",
    {
      image_processor_type: "DeiTImageProcessor",
      size: { height: 256, width: 256 },
      do_center_crop: true,
      crop_size: { height: 224, width: 224 },
      resample: 3,
      ...HALF,
    },
    { width: 224, height: 224, resize: { fit: "squash", width: 256, height: 256, halves: "down" } },
  ],
  [
    "ConvNeXt below 384",
    {
      image_processor_type: "ConvNextImageProcessor",
      size: { shortest_edge: 224 },
      crop_pct: 0.875,
      resample: 3,
      ...HALF,
    },
    { width: 224, height: 224, resize: shortest(256) },
  ],
  [
    "ConvNeXt of 384",
    {
      image_processor_type: "ConvNextImageProcessor",
      size: { shortest_edge: 384 },
      crop_pct: 1.0,
      resample: 3,
      ...HALF,
    },
    { width: 384, height: 384, resize: "squash" },
  ],
  [
    "a processor within a file of several",
    {
      image_processor: {
        image_processor_type: "SiglipImageProcessor",
        size: { height: 256, width: 256 },
        resample: 3,
        ...HALF,
      },
    },
    { width: 256, height: 256, resize: "squash" },
  ],
  [
    "a margin",
    { size: { longest_edge: 512 }, do_pad: true, pad_size: { height: 512, width: 512 }, resample: 1, ...HALF },
    { width: 512, height: 512, resize: { fit: "longest", fill: [0, 0, 0], place: "corner" }, kernel: "lanczos" },
  ],
])("%s", (_, config, expected) => {
  put("preprocessor_config.json", config);
  const { trained, files } = read();
  expect(trained).toMatchObject(expected);
  expect(files).toEqual(["preprocessor_config.json"]);
  expect(trained.preprocessing!.mean).toEqual([127.5, 127.5, 127.5]);
});

test.each<[string, object, object]>([
  ["the centre", { crop_pct: 0.9 }, { resize: { fit: "shortest", side: 248, halves: "even" } }],
  ["the default share", {}, { resize: { fit: "shortest", side: 256, halves: "even" } }],
  ["squashed", { crop_pct: 1.0, crop_mode: "squash" }, { resize: "squash" }],
  ["a border", { crop_pct: 1.0, crop_mode: "border" }, { resize: { fit: "longest", place: "centre" } }],
])("timm: %s", (_, config, expected) => {
  const common = {
    input_size: [3, 224, 224],
    interpolation: "bicubic",
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  };
  put("config.json", { architecture: "vit", pretrained_cfg: { ...common, license: "cc-by-nc-4.0", ...config } });
  const { trained } = read();
  expect(trained).toMatchObject({ width: 224, height: 224, kernel: "bicubic", licence: "cc-by-nc-4.0", ...expected });
  expect(trained.preprocessing!.std[0]).toBeCloseTo(58.395);
});

test("OpenCLIP's own file, and that of exports of its towers", () => {
  put("open_clip_config.json", {
    model_cfg: { vision_cfg: { image_size: 256 } },
    preprocess_cfg: { mean: [0, 0, 0], std: [1, 1, 1], interpolation: "bicubic", resize_mode: "squash" },
  });
  expect(read().trained).toMatchObject({ width: 256, resize: "squash", kernel: "bicubic" });
  put("preprocess_cfg.json", {
    size: [224, 224],
    mode: "RGB",
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    interpolation: "bicubic",
    resize_mode: "shortest",
    fill_color: 0,
  });
  const { trained, files } = read();
  expect(trained).toMatchObject({ width: 224, resize: { fit: "shortest", side: 224, halves: "even" } });
  expect(files).toEqual(["preprocess_cfg.json", "open_clip_config.json"]);
  expect(trained.notes).toEqual(["open_clip_config.json says otherwise than preprocess_cfg.json, which is followed"]);
});

test("factors other than 1 / 255, no normalising, and blue first", () => {
  put("preprocessor_config.json", { size: 224, rescale_factor: 0.00784313725490196, ...HALF });
  expect(read().trained.preprocessing!.std[0]).toBeCloseTo(63.75);
  put("preprocessor_config.json", { size: 224, do_normalize: false, do_flip_channel_order: true });
  expect(read().trained.preprocessing).toMatchObject({ mean: [0, 0, 0], std: [255, 255, 255], order: "bgr" });
  put("preprocessor_config.json", {
    image_processor_type: "EfficientNetImageProcessor",
    include_top: true,
    size: 224,
    ...HALF,
  });
  expect(read().trained.preprocessing!.std[0]).toBeCloseTo(63.75);
});

test("files that are damaged, foreign or huge are passed over and said; a folder up is looked at where there are none", () => {
  put("preprocessor_config.json", "{ not json");
  put("config.json", { name: "my app", version: "1.0" });
  const { trained, files } = read();
  expect(files).toEqual([]);
  expect(trained.preprocessing).toBeUndefined();
  expect(readConfigs(join(folder, "onnx", "model.onnx")).trained.notes).toEqual([
    "../preprocessor_config.json cannot be read and is passed over",
  ]);
  put("preprocessor_config.json", { size: { height: -3, width: "x" }, image_mean: [1, 2], image_std: [0, 0, 0] });
  expect(read().trained.resize).toBeUndefined();
  mkdirSync(join(folder, "onnx"));
  put("config.json", { vision_config: { image_size: 336, patch_size: 14 } });
  expect(read("onnx/model.onnx")).toMatchObject({
    files: ["../preprocessor_config.json", "../config.json"],
    patch: 14,
  });
});
