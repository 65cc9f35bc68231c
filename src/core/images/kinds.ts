import { extname } from "node:path";

/** Endings of pictures that are not read, by the name of their kind: they are counted, so that nobody misses them in silence. */
const UNREAD: Readonly<Record<string, string>> = {
  ...named("HEIC", "heic heif hif heics"),
  ...named("JPEG XL", "jxl"),
  ...named("JPEG 2000", "jp2 j2k jpf jpx j2c jpm"),
  ...named(
    "camera raw",
    "3fr arw cr2 cr3 crw dcr dng erf kdc mef mos mrw nef nrw orf pef raf raw rw2 rwl sr2 srf srw x3f",
  ),
  ...named("Photoshop", "psd psb"),
  ...named("GIMP", "xcf"),
  ...named("icon", "ico cur icns"),
  ...named("OpenEXR", "exr"),
  ...named("Radiance HDR", "hdr"),
  ...named("Targa", "tga"),
  ...named("DDS", "dds"),
  ...named("PCX", "pcx"),
  ...named("portable anymap", "pbm pgm ppm pnm pam pfm"),
  ...named("QOI", "qoi"),
  ...named("compressed SVG", "svgz"),
  ...named("DICOM", "dcm"),
  ...named("FITS", "fits"),
  ...named("JPEG XR", "jxr wdp hdp"),
  ...named("JPEG of several pictures", "mpo"),
  ...named("BMP without a file header", "dib"),
  ...named("SGI", "sgi"),
  ...named("XPM", "xpm"),
  ...named("XBM", "xbm"),
  ...named("Windows metafile", "wmf emf"),
  ...named("GPU texture", "ktx ktx2 pvr blp"),
  ...named("microscope slide", "svs ndpi mrxs"),
};

function named(kind: string, endings: string): Record<string, string> {
  return Object.fromEntries(endings.split(" ").map((ending) => [ending, kind]));
}

/** The kind of a picture that is not read, by the ending of its name; undefined for any other file. */
export function unreadKind(name: string): string | undefined {
  return UNREAD[extname(name).slice(1).toLowerCase()];
}

/** Kinds that a picture's first bytes show, with whether it is read. */
export interface Kind {
  readonly name: string;
  readonly read: boolean;
}

/** So many bytes show the kind of nearly every file. */
export const SIGNATURE = 512;

const READ = { read: true } as const;
const NOT_READ = { read: false } as const;

/** First bytes as latin-1, from an offset. Longer ones first where one begins like another. */
const SIGNATURES: readonly (readonly [at: number, text: string, kind: Kind])[] = [
  [0, "\xff\xd8\xff", { name: "JPEG", ...READ }],
  [0, "\x89PNG\r\n\x1a\n", { name: "PNG", ...READ }],
  [0, "GIF8", { name: "GIF", ...READ }],
  [0, "BM", { name: "BMP", ...READ }],
  [8, "CR\x02\0", { name: "camera raw", ...NOT_READ }],
  [0, "FUJIFILMCCD-RAW", { name: "camera raw", ...NOT_READ }],
  [0, "IIRO", { name: "camera raw", ...NOT_READ }],
  [0, "IIRS", { name: "camera raw", ...NOT_READ }],
  [0, "MMOR", { name: "camera raw", ...NOT_READ }],
  [0, "IIU\0", { name: "camera raw", ...NOT_READ }],
  [0, "FOVb", { name: "camera raw", ...NOT_READ }],
  [0, "\0MRM", { name: "camera raw", ...NOT_READ }],
  [0, "II*\0", { name: "TIFF", ...READ }],
  [0, "MM\0*", { name: "TIFF", ...READ }],
  [0, "II+\0", { name: "TIFF", ...READ }],
  [0, "MM\0+", { name: "TIFF", ...READ }],
  [0, "\xff\x0a", { name: "JPEG XL", ...NOT_READ }],
  [4, "JXL \r\n\x87\n", { name: "JPEG XL", ...NOT_READ }],
  [4, "jP  \r\n\x87\n", { name: "JPEG 2000", ...NOT_READ }],
  [0, "\xff\x4f\xff\x51", { name: "JPEG 2000", ...NOT_READ }],
  [0, "8BPS", { name: "Photoshop", ...NOT_READ }],
  [0, "gimp xcf", { name: "GIMP", ...NOT_READ }],
  [0, "\x76\x2f\x31\x01", { name: "OpenEXR", ...NOT_READ }],
  [0, "#?RADIANCE", { name: "Radiance HDR", ...NOT_READ }],
  [0, "#?RGBE", { name: "Radiance HDR", ...NOT_READ }],
  [0, "DDS ", { name: "DDS", ...NOT_READ }],
  [0, "qoif", { name: "QOI", ...NOT_READ }],
  [128, "DICM", { name: "DICOM", ...NOT_READ }],
  [0, "SIMPLE  =", { name: "FITS", ...NOT_READ }],
  [0, "\0\0\x01\0", { name: "icon", ...NOT_READ }],
  [0, "icns", { name: "icon", ...NOT_READ }],
  [0, "%PDF-", { name: "PDF", ...NOT_READ }],
  [0, "%!PS", { name: "PostScript", ...NOT_READ }],
  [0, "\xc5\xd0\xd3\xc6", { name: "PostScript", ...NOT_READ }],
  [0, "\x1aE\xdf\xa3", { name: "video", ...NOT_READ }],
  [0, "PK\x03\x04", { name: "ZIP archive", ...NOT_READ }],
  [0, "\x1f\x8b", { name: "gzip", ...NOT_READ }],
  // What a repository holds in place of a file that was not fetched.
  [0, "version https://git-lfs.github.com/spec/", { name: "Git LFS pointer", ...NOT_READ }],
];

/** Brands of the ISO base media file format (ISO/IEC 14496-12) that hold pictures or films. */
const BRANDS: readonly (readonly [RegExp, Kind])[] = [
  [/^(avif|avis)$/, { name: "AVIF", ...READ }],
  [/^(heic|heix|heim|heis|hevc|hevx|hevm|hevs)$/, { name: "HEIC", ...NOT_READ }],
  [/^crx $/, { name: "camera raw", ...NOT_READ }],
  [/^(isom|iso\d|mp4\d|M4V |qt {2}|avc1|3gp.)$/, { name: "video", ...NOT_READ }],
];

/** The kind that a file's bytes show, whatever its name says. */
export function kindOf(bytes: Buffer): Kind | undefined {
  const head = bytes.toString("latin1", 0, SIGNATURE);
  if (head.startsWith("RIFF")) {
    const form = head.slice(8, 12);
    if (form === "WEBP") return { name: "WebP", ...READ };
    return form === "AVI " ? { name: "video", ...NOT_READ } : undefined;
  }
  if (head.slice(4, 8) === "ftyp") return kindOfBrands(bytes, head);
  const found = SIGNATURES.find(([at, text]) => head.startsWith(text, at));
  if (found !== undefined) return found[2];
  if (/^P[1-7fF][\s#]/.test(head)) return { name: "portable anymap", ...NOT_READ };
  const root = rootName(bytes);
  if (root === "svg") return { name: "SVG", ...READ };
  return root !== undefined && /^(html|head|body)$/i.test(root) ? { name: "web page", ...NOT_READ } : undefined;
}

/** The major brand, then the compatible ones: `mif1` alone says that there are pictures, not which. */
function kindOfBrands(bytes: Buffer, head: string): Kind | undefined {
  const end = Math.min(bytes.length < 4 ? 0 : bytes.readUInt32BE(0), head.length);
  const brands = [head.slice(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(head.slice(at, at + 4));
  for (const brand of brands) {
    const kind = BRANDS.find(([pattern]) => pattern.test(brand));
    if (kind !== undefined) return kind[1];
  }
  return brands.some((brand) => /^mi[fa][12]$/.test(brand)) ? { name: "HEIF", ...NOT_READ } : undefined;
}

/** Bytes in which a root element begins; what comes before it (a declaration, comments, a document type) may be long. */
const PROLOG = 1 << 16;

/** The name of a text's root element without its prefix, by its document type where it has one. */
function rootName(bytes: Buffer): string | undefined {
  const text = (utf16Of(bytes.subarray(0, 2 * PROLOG)) ?? bytes.toString("latin1", 0, PROLOG)).slice(0, PROLOG);
  let at = /^(?:\xef\xbb\xbf|\ufeff)?\s*/.exec(text)![0].length;
  for (let close = prologClose(text, at); close !== undefined; close = prologClose(text, at)) {
    const end = text.indexOf(close, at + 2);
    if (end < 0) return undefined;
    at = end + close.length;
    while (/\s/.test(text[at] ?? "")) at++;
  }
  return /^<(?:!doctype\s+)?(?:[\w.-]+:)?([\w-]+)(?=[\s>/[])/i.exec(text.slice(at, at + 256))?.[1];
}

/** What ends the comment or instruction that begins there; undefined where none does. */
function prologClose(text: string, at: number): string | undefined {
  if (text.startsWith("<!--", at)) return "-->";
  return text.startsWith("<?", at) ? "?>" : undefined;
}

/** What begins with the mark of UTF-16, as text; undefined for anything else. */
export function utf16Of(bytes: Buffer): string | undefined {
  const mark = bytes.toString("latin1", 0, 2);
  if (mark !== "\xff\xfe" && mark !== "\xfe\xff") return undefined;
  return new TextDecoder(mark === "\xff\xfe" ? "utf-16le" : "utf-16be").decode(bytes);
}
