import { expect, test } from "vitest";
import { equalMixAmong } from "../../../src/shared/index.ts";

test("the equal mix is combined, unless that is under the weights of a folder", () => {
  expect(equalMixAmong(["spoc", "mac", "combined"])).toBe("combined");
  expect(equalMixAmong(["spoc", "combined"])).toBe("combined");
  expect(equalMixAmong(["spoc", "mac", "gem", "spoc+mac", "spoc+gem", "mac+gem", "combined"])).toBe("combined");
  expect(equalMixAmong(["spoc", "mac", "gem", "spoc+mac", "spoc+gem", "mac+gem", "spoc+mac+gem", "combined"])).toBe(
    "spoc+mac+gem",
  );
});
