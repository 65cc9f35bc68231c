/** Stands before every name of the foreign network, so that none meets a name of the head. */
export const PREFIX = "net/";

/** How a model calls a value of the network that it was imported from. */
export function grafted(name: string): string {
  return `${PREFIX}${name}`;
}

/** Whether a value of a model comes from a network that was imported. */
export function isGrafted(name: string): boolean {
  return name.startsWith(PREFIX);
}
