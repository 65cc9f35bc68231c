import fc from "fast-check";
import { expect, test } from "vitest";
import { ModelError, parseDescriptors } from "../../../src/core/model/index.ts";
import { DESCRIPTOR_KINDS } from "../../../src/shared/index.ts";

const kinds = (list: string): string[] => parseDescriptors(list).map(({ kind }) => kind);

test.each([
  ["SMG", ["SPoC", "MAC", "GeM"]],
  ["gs", ["GeM", "SPoC"]],
  ["MG+RMAC", ["MAC", "GeM", "RMAC"]],
  ["S+CROW+WGEM", ["SPoC", "CroW", "wGeM"]],
  [" r-mac + mac + M ", ["RMAC", "MAC", "MAC"]],
  ["SMGV", ["SPoC", "MAC", "GeM", "Vector"]],
  ["SSMM", ["SPoC", "SPoC", "MAC", "MAC"]],
])("%s", (list, expected) => {
  expect(kinds(list)).toEqual(expected);
});

test("any kinds, written as names in any case, come back in their order", () => {
  const name = fc
    .constantFrom(...DESCRIPTOR_KINDS)
    .chain((kind) => fc.record({ kind: fc.constant(kind), text: fc.mixedCase(fc.constant(kind.toLowerCase())) }));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 8 }), (names) => {
      expect(kinds(names.map(({ text }) => text).join("+"))).toEqual(names.map(({ kind }) => kind));
    }),
  );
});

test.each([
  ["SX", '"X" stands for no descriptor (in "SX")'],
  ["X", '"X" stands for no descriptor.'],
  ["S+GEMM", '"E" stands for no descriptor (in "GEMM")'],
  ["S,M", '"," stands for no descriptor'],
  ["", 'The descriptor list "" has an empty part'],
  ["S++M", "has an empty part"],
])("refuses %j with a sentence that lists the known ones", (list, message) => {
  expect(() => parseDescriptors(list)).toThrow(message);
  expect(() => parseDescriptors(list)).toThrow("S (SPoC), M (MAC), G (GeM) and V (the network's own vector)");
  expect(() => parseDescriptors(list)).toThrow("SPoC, MAC, GeM, CroW, wGeM, RMAC, Vector.");
  expect(() => parseDescriptors(list)).toThrow(ModelError);
});

test("no list crashes", () => {
  fc.assert(
    fc.property(fc.string(), (list) => {
      try {
        expect(parseDescriptors(list).length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError);
      }
    }),
  );
});
