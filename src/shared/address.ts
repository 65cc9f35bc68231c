/** Addresses of databases, as `lookalike.index.location` and `--index` take them. */

const SCHEME = /^postgres(ql)?:\/\//i;

/** Whether a place of indexes is a database rather than a folder. */
export function isDatabase(location: string): boolean {
  return SCHEME.test(location.trim());
}

/** An address as it may be shown: what could be a password is not in it. */
export function withoutPassword(address: string): string {
  // What follows a colon is a port only where nothing but digits does; a password may hold any character.
  const plain = /^[a-z]+:\/\/([^/@:?]*@)?[^/@:?]*(:\d+)?([/?]|$)/i.test(address);
  const bare = plain ? address : address.replace(/^([a-z]+:\/\/[^/@:?]*):.*@/i, "$1@");
  // A name may be written with percent signs, as a password may.
  return bare.replace(/([?&])([^&=]*)=([^&]*)/g, (pair, before: string, name: string) =>
    /password/i.test(decoded(name)) ? `${before}password=***` : pair,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Broken as it is, it may be anything.
    return "password";
  }
}

/**
 * Which server, database and user an address is about, whatever the folder: what a password is kept under.
 * @returns null where the address cannot be read
 */
export function serverOf(address: string): string | null {
  const form = /^postgres(?:ql)?:\/\/(?:([^@/?:]*)@)?([^/?]*)(\/[^?]*)?(?:\?(.*))?$/i;
  const parts = form.exec(withoutPassword(address.trim()));
  if (parts === null) return null;
  const [, user = "", host = "", database = "", query = ""] = parts;
  const asked = new Map(query.split("&").map((pair) => [pair.split("=")[0], pair] as const));
  const where = ["host", "service"].flatMap((key) => asked.get(key) ?? []);
  return `${user}@${host.toLowerCase()}${database}${where.length === 0 ? "" : `?${where.join("&")}`}`;
}
