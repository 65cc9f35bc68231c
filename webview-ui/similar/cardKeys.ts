/** What a page does with an image of its lists. */
export interface ListActions {
  select(path: string): void;
  /** The keyboard moved to another image. */
  walk(path: string): void;
  open(path: string, mode: "preview" | "keep"): void;
  add(path: string, sign: 1 | -1): void;
}

/** What a key does with the image that has the focus; undefined for a key that does nothing. @param addable to the query */
export function keyAction(key: string, path: string, actions: ListActions, addable: boolean): (() => void) | undefined {
  switch (key) {
    case "Enter":
      return () => actions.open(path, "keep");
    case " ":
      return () => actions.open(path, "preview");
    case "w":
      return () => actions.select(path);
    case "+":
    case "=":
      return addable ? () => actions.add(path, 1) : undefined;
    case "-":
      return addable ? () => actions.add(path, -1) : undefined;
    default:
      return undefined;
  }
}
