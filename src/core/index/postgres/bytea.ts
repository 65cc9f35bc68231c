import { StrangeAnswer } from "./answers.ts";

/**
 * The bytes of a `bytea` as a server sends them (PostgreSQL's documentation, "Binary Data Types"): hexadecimal, or escaped where it is set
 * so. pg's own reader of the latter never ends at a single backslash.
 * @throws StrangeAnswer
 */
export function bytesOfText(text: string): Buffer {
  if (text.startsWith("\\x")) {
    const bytes = Buffer.from(text.slice(2), "hex");
    if (2 + 2 * bytes.length !== text.length) throw new StrangeAnswer("bytes that are none");
    return bytes;
  }
  const plain = text.replace(/\\(\\|[0-3][0-7]{2})?/g, (_, code: string | undefined) => {
    if (code === undefined) throw new StrangeAnswer("bytes that are none");
    return code === "\\" ? code : String.fromCharCode(Number.parseInt(code, 8));
  });
  return Buffer.from(plain, "latin1");
}
