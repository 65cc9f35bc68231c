/** Names that Windows gives to devices, whatever stands behind a point (Naming Files, Paths, and Namespaces). */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³])\s*(\.|$)/i;
/** Bytes of a name on the usual file systems. */
const LONGEST = 255;

/** Whether two names are one file on some system: some know no capitals, some write letters with marks apart from them. */
export function sameFileName(one: string, other: string): boolean {
  return comparable(one) === comparable(other);
}

const comparable = (name: string) => name.normalize("NFC").toLowerCase();

/** Whether Windows would open a device in place of a file of this name. */
export function isDeviceName(name: string): boolean {
  return DEVICE.test(name);
}

/** Bytes that a name takes in a folder: those of UTF-8. */
export function nameBytes(name: string): number {
  let bytes = 0;
  for (const sign of name) {
    const code = sign.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** The beginning of a name that leaves room for so many bytes behind it; as it is where it does. */
export function cutName(name: string, behind: number): string {
  if (nameBytes(name) + behind <= LONGEST) return name;
  let cut = "";
  let taken = behind;
  for (const sign of name) {
    taken += nameBytes(sign);
    if (taken > LONGEST) break;
    cut += sign;
  }
  return cut;
}
