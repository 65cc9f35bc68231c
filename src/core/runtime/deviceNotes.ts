import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { DEVICES, type Device } from "../../shared/index.ts";
import { makeFolder } from "../files/index.ts";

/**
 * Notes on disk of devices that are being tried. A driver can take the whole process down; the note that is left then
 * keeps the next process from doing the same again.
 */
export interface DeviceNotes {
  /** Notes that a device is about to be used for the first time in this process. @returns takes the note away */
  begin(device: Device): () => void;
  /** Why a device is not tried: a process ended while it did so. null where none did. */
  leftover(device: Device): string | null;
  /** Takes away the notes on some devices that processes which are gone have left. */
  clear(devices: readonly Device[]): void;
}

const NoteSchema = v.object({ device: v.picklist(DEVICES), pid: v.number(), time: v.number() });
type Note = v.InferOutput<typeof NoteSchema>;

/** A process that is still trying after this much time is not: its id belongs to another by now. Milliseconds. */
const LONGEST_TRIAL = 15 * 60_000;

/**
 * @param folder where the notes lie; it is made at the first note
 * @param model fingerprint of the model: another one may work
 */
export function deviceNotes(folder: string, model: string): DeviceNotes {
  const prefix = `${model.slice(0, 16)}-trying-`;
  const left = leftNotes(folder, prefix);
  return {
    begin(device) {
      const file = join(folder, `${prefix}${device}-${process.pid}.json`);
      const note: Note = { device, pid: process.pid, time: Date.now() };
      try {
        makeFolder(folder);
        writeFileSync(file, JSON.stringify(note));
      } catch {
        // Without a place for notes a crash is tried again; the engine gives up after three.
        return () => {};
      }
      return () => remove(file);
    },
    leftover(device) {
      const note = left.find((entry) => entry.note.device === device)?.note;
      if (note === undefined) return null;
      return `Lookalike ended without warning while it tried this device (${new Date(note.time).toISOString()}); a check of the set-up tries it again`;
    },
    clear(devices) {
      for (const entry of left.filter(({ note }) => devices.includes(note.device))) {
        remove(entry.file);
        left.splice(left.indexOf(entry), 1);
      }
    },
  };
}

/** Where nothing is kept on disk. */
export const NO_NOTES: DeviceNotes = { begin: () => () => {}, leftover: () => null, clear: () => {} };

function leftNotes(folder: string, prefix: string): { readonly file: string; readonly note: Note }[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const file = join(folder, name);
    try {
      const note = v.parse(NoteSchema, JSON.parse(readFileSync(file, "utf8")));
      return isUnderWay(note) ? [] : [{ file, note }];
    } catch {
      // Cut off while it was written, or not ours: nothing can be learnt from it.
      remove(file);
      return [];
    }
  });
}

/** A note that cannot be taken away makes its device be left out once too often, no more. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // As above.
  }
}

function isUnderWay({ pid, time }: Note): boolean {
  const started = Date.now() - process.uptime() * 1000;
  if (pid === process.pid) return time >= started;
  if (Date.now() - time > LONGEST_TRIAL) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not allowed to ask means that it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
