import { writeSync } from "node:fs";
import { Socket } from "node:net";
import { format } from "node:util";
import { visibleLines } from "../shared/index.ts";

/**
 * Whatever is printed holds names of files, models and operators of others: what would move the cursor or turn the direction of
 * writing is written out. An end of a line stays; whoever prints a name makes it `visible`. A result that could not be written
 * as a whole is told, and the exit code is not 0: Node itself says nothing of either.
 */
export function printVisibly(): void {
  const shown = (parts: readonly unknown[]) =>
    parts.map((part) => (typeof part === "string" ? visibleLines(part) : part));
  const complain = console.error.bind(console);
  console.error = (...parts: unknown[]) => complain(...shown(parts));
  let failed = false;
  const fail = (error: NodeJS.ErrnoException) => {
    // Who reads has seen enough, as `head` has.
    if (error.code === "EPIPE" || failed) return;
    failed = true;
    const why =
      error.code === "ENOSPC" || error.code === "EDQUOT" ? "the disk is full. Free some space" : error.message;
    console.error(`The result could not be written: ${why}.`);
  };
  process.stdout.on("error", fail);
  process.on("exit", () => {
    if (failed && !process.exitCode) process.exitCode = 1;
  });
  const { fd }: { readonly fd?: number } = process.stdout;
  console.log = (...parts: unknown[]) => {
    const text = `${format(...shown(parts))}\n`;
    // A terminal or a pipe, or nothing at all where it was closed.
    if (fd === undefined || process.stdout instanceof Socket) return void process.stdout.write(text);
    try {
      writeToFile(fd, Buffer.from(text));
    } catch (error) {
      fail(error as NodeJS.ErrnoException);
    }
  };
}

/** A disk that is nearly full takes a part without an error. */
function writeToFile(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
