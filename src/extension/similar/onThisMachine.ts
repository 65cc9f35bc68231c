/** What of an address says where it leads. */
interface Address {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
}

/**
 * Whether an address is that of a file on this machine. The window names such files by the connection to it; one with an
 * authority is on another machine, which would be asked for it, with the user's name and password on Windows.
 */
export function isOnThisMachine({ scheme, authority, path }: Address): boolean {
  const isHere = scheme === "vscode-remote" || (scheme === "file" && authority === "");
  return isHere && !/^[\\/]{2}/.test(path);
}
