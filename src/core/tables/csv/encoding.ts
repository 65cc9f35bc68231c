import type { FileHandle } from "node:fs/promises";

export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** Bytes that are read at once. */
const CHUNK = 256 * 1024;

/** Windows-1252 from 0x80 to 0x9F; elsewhere it is Latin-1. Written out: TextDecoder takes it for Latin-1 in some versions of Node. */
const HIGH = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

/**
 * The encoding of a text file: by its mark; else UTF-8 where all of it is, and Windows-1252 where it is not, since that is
 * what programs on Windows write without saying so.
 */
export async function encodingOf(handle: FileHandle): Promise<Encoding> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let first = true;
  for await (const bytes of chunks(handle)) {
    if (first && bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
    if (first && bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
    first = false;
    try {
      decoder.decode(bytes, { stream: true });
    } catch {
      return "windows-1252";
    }
  }
  try {
    decoder.decode();
    return "utf-8";
  } catch {
    return "windows-1252";
  }
}

/** The text of a file, without its mark. */
export async function* textOf(handle: FileHandle, encoding: Encoding): AsyncGenerator<string> {
  if (encoding === "windows-1252") {
    for await (const bytes of chunks(handle)) {
      yield bytes
        .toString("latin1")
        .replaceAll(/[\u0080-\u009F]/g, (character) => HIGH[character.charCodeAt(0) - 0x80]!);
    }
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const bytes of chunks(handle)) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}

async function* chunks(handle: FileHandle): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(CHUNK);
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
