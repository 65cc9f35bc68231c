import fc from "fast-check";
import picomatch from "picomatch";
import { describe, expect, test } from "vitest";
import { GlobError, globMatcher } from "../../../src/core/images/globs.ts";

test("a glob matches what picomatch matches", () => {
  const piece = fc.constantFrom("a", "b", "*", "?", "[ab]", "[^a]", "[a-b]", ".", "{a,b}", "{a,*b}", "ab");
  const segment = fc.oneof(
    fc.constant("**"),
    fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join("").replaceAll(/\*+/g, "*")),
  );
  const glob = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const name = fc.string({ unit: fc.constantFrom("a", "b", "c", "."), minLength: 1, maxLength: 5 });
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(glob, path, (pattern, subject) => {
      // What is no name of a file, and what picomatch keeps from names that begin with dots.
      fc.pre(!pattern.split("/").some((part) => /^\.+$/.test(part)));
      fc.pre(!subject.split("/").some((part) => /^\.+$/.test(part)) && !/(^|\/)\./.test(subject));
      expect(globMatcher(pattern)(subject)).toBe(picomatch(pattern, { dot: true, nonegate: true })(subject));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["**/*.{jpg,png}", "a/b.png", true],
  ["**/*.{jpg,png}", "a/b.gif", false],
  ["{a/b,c}/*.png", "a/b/1.png", true],
  ["a/**", "a", true],
  ["[!a]*.png", "b.png", true],
  ["[!a]*.png", "a.png", false],
  ["a/**/b", "a/b", true],
  ["**/.hidden/**", "x/.hidden/1.png", true],
  ["caf?/*", "café/1.png", true],
  ["?.png", "😀.png", true],
  ["@(a|b)/*.png", "b/1.png", true],
  ["{1..3}.png", "2.png", true],
  ["{*a,b}/{*a,b}..{*a,b}/**", "xa/b..ya/1.png", true],
  ["**/*..{a,*b}", "x/1..cb", true],
])("%s on %s: %s", (glob, path, expected) => {
  expect(globMatcher(glob)(path)).toBe(expected);
});

describe("a hostile glob", () => {
  test("does not take longer and longer with each star", () => {
    const name = "a".repeat(250);
    // A regular expression needs 250 to the power of the stars: this would not end.
    for (const glob of [`**/${"*a".repeat(60)}*b`, `${"**/a/".repeat(30)}b`, `${"*".repeat(200)}b`]) {
      const path = glob.startsWith("**/a/") ? `${"a/".repeat(1000)}c` : name;
      expect(globMatcher(glob)(path)).toBe(false);
    }
  });

  test("of many braces, or of a rarer kind with many wildcards, is refused in words", () => {
    expect(() => globMatcher("{a,b}".repeat(20))).toThrow(GlobError);
    expect(() => globMatcher("+(a|*b)*c*d*e")).toThrow(/too many wildcards/);
  });

  // Each doubles the time with every letter of a name, or raises it to a high power.
  test.each([
    "+(+(a))b",
    "+(@(a|a)|a)b",
    "+(a|aa)b",
    "*(a|a)b",
    "+(a*)b",
    "(a+)+b",
    "(a[)]+)+b",
    "(}+)+b",
    "+(|a)b",
    "!(a)+b",
    `${"?(a)".repeat(24)}b`,
    `${"(a|a)".repeat(24)}b`,
    `${"(a)?".repeat(24)}b`,
    `\\x${"[a-z]+".repeat(6)}b`,
    `${"!(x)".repeat(6)}b`,
  ])("whose groups can be read in ever more ways is refused: %s", (glob) => {
    expect(() => globMatcher(glob)).toThrow(GlobError);
  });

  test.each([
    ["+(ab|c).png", "abcab.png", true],
    ["photo \\(1\\).png", "photo (1).png", true],
    ["**/*@(-small|-large).{jpg,png}", "a/b-large.png", true],
    ["!(*-small).png", "a-small.png", false],
    ["!(*-small).png", "a.png", true],
  ])("others that hold groups match: %s on %s: %s", (glob, path, expected) => {
    expect(globMatcher(glob)(path)).toBe(expected);
  });
});
