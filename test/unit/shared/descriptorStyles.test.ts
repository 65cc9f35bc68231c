import fc from "fast-check";
import { expect, test } from "vitest";
import { DESCRIPTOR_KINDS, descriptorStyles } from "../../../src/shared/index.ts";

const columns = (branches: readonly string[]) =>
  [...descriptorStyles(branches).values()].map(({ label, letter, colour }) => `${letter} ${label} ${colour}`);

test("the paper's descriptors keep their letters and colours, in any order", () => {
  expect(columns(["gem", "spoc", "mac"])).toEqual(["G GeM 2", "S SPoC 0", "M MAC 1", "C Combined null"]);
});

test("every kind has a letter and a colour of its own", () => {
  expect(columns(DESCRIPTOR_KINDS.map((kind) => kind.toLowerCase()))).toEqual([
    "S SPoC 0",
    "M MAC 1",
    "G GeM 2",
    "X CroW 3",
    "W wGeM 4",
    "R R-MAC 5",
    "V Vector 6",
    "C Combined null",
  ]);
});

test("a second branch of a kind is numbered and gets a colour that is not taken", () => {
  expect(columns(["gem", "gem_2", "gem_3", "crow"])).toEqual([
    "G GeM 2",
    "G2 GeM 2 4",
    "G3 GeM 3 5",
    "X CroW 3",
    "C Combined null",
  ]);
});

test("branches without a network have names and letters of their own, and colours that are not taken", () => {
  expect(columns(["spoc", "mac", "gem", "gem_2", "gem_3", "lab", "hog"])).toEqual([
    "S SPoC 0",
    "M MAC 1",
    "G GeM 2",
    "G2 GeM 2 3",
    "G3 GeM 3 4",
    "L Lab 5",
    "H HOG 6",
    "C Combined null",
  ]);
});

test("branches of other names are called by them", () => {
  expect(columns(["dino", "clip"])).toEqual(["D dino 3", "C2 clip 4", "C Combined null"]);
});

test("no letter stands for two columns, and no colour for two of up to seven branches", () => {
  const name = fc.oneof(
    fc.constantFrom(...DESCRIPTOR_KINDS.map((kind) => kind.toLowerCase())),
    fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/),
    fc.constantFrom("gem_2", "rmac_2", "spoc_3"),
  );
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 7 }), (branches) => {
      const styles = [...descriptorStyles(branches.filter((branch) => branch !== "combined")).values()];
      expect(new Set(styles.map(({ letter }) => letter)).size).toBe(styles.length);
      expect(new Set(styles.map(({ colour }) => colour)).size).toBe(styles.length);
    }),
  );
});
