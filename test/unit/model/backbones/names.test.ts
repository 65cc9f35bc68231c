import { expect, test } from "vitest";
import { BACKBONE_NAMES, ModelError, openBackbone } from "../../../../src/core/model/index.ts";

test("mobilenetv2 opens by its name, in any case", () => {
  expect(openBackbone("MobileNetV2").backbone.name).toBe("mobilenetv2-1.4");
  expect(openBackbone("mobilenetv2", { lastDownsampling: "kept" }).backbone.lastDownsampling).toBe("kept");
});

test.each(["vgg16", "", "constructor", "../mobilenetv2"])("refuses %j and lists what there is", (name) => {
  expect(() => openBackbone(name)).toThrow(`There is no backbone "${name}". Known: ${BACKBONE_NAMES.join(", ")}.`);
  expect(() => openBackbone(name)).toThrow(ModelError);
});
