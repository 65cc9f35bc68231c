import { expect, test } from "vitest";
import { decodeFailure } from "../../../src/core/images/failures.ts";

const said = (message: string) => decodeFailure(new Error(message), "JPEG");

test("the decoder's names for its own parts are not told, and where it knows nothing else it is said in our words", () => {
  expect(said("VipsJpeg: premature end of JPEG image")).toBe("damaged: premature end of JPEG image");
  expect(said("Input buffer has corrupt header: gifload_buffer: Unexpected end of data")).toBe(
    "damaged: Unexpected end of data",
  );
  expect(said("Warning treated as error due to failOn setting\nVipsJpeg: Invalid component ID 93 in SOS")).toBe(
    "damaged: Invalid component ID 93 in SOS",
  );
  expect(
    said(
      "svgload_buffer: glib: XML parse error: Error domain 1 code 5 on line 3 column 7 of data: Extra content at the end",
    ),
  ).toBe("damaged: no XML in line 3: Extra content at the end");
  for (const nothing of [
    "",
    "Unknown error",
    "Input file has corrupt header:",
    "Warning treated as error due to failOn setting",
  ]) {
    expect(said(nothing), nothing).toBe("damaged: no whole JPEG");
  }
});
