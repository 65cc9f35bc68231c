import { expect, test } from "vitest";
import { Rate } from "../../../src/shared/index.ts";

test("knows no speed before the first step", () => {
  const rate = new Rate(1000);
  expect(rate.perSecond()).toBe(0);
  expect(rate.secondsLeft(100)).toBeNull();
});

test("estimates from steps and time", () => {
  const rate = new Rate(0);
  rate.note(8, 1000);
  rate.note(16, 2000);
  expect(rate.perSecond()).toBe(8);
  expect(rate.secondsLeft(24)).toBe(1);
  expect(rate.seconds(2500)).toBe(2.5);
});

test("forgets a slow start", () => {
  const rate = new Rate(0);
  rate.note(1, 30_000);
  for (let second = 1; second <= 20; second++) rate.note(1 + 10 * second, 30_000 + second * 1000);
  expect(rate.perSecond()).toBeCloseTo(10, 6);
});
