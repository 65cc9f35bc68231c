import { expect, test } from "vitest";
import { bytesOfText } from "../../../src/core/index/postgres/bytea.ts";

test("bytes come in both forms of a server", () => {
  const bytes = Buffer.from([0, 1, 65, 92, 127, 128, 255]);
  expect(bytesOfText("\\x0001415c7f80ff")).toEqual(bytes);
  expect(bytesOfText("\\000\\001A\\\\\\177\\200\\377")).toEqual(bytes);
  expect(bytesOfText("")).toEqual(Buffer.alloc(0));
});

test.each(["\\", "a\\", "\\\\\\", "\\9", "\\x0", "\\x0g", "\\x00 "])(
  "what is no bytes is told, and ends: %j",
  (text) => {
    expect(() => bytesOfText(text)).toThrow("bytes that are none");
  },
);
