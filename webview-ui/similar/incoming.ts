/** Images that come into the page from outside: pasted, or dropped. */
export interface IncomingActions {
  paste(bytes: Uint8Array): void;
  drop(uris: readonly string[]): void;
  /** Something hangs over the page that could be dropped. */
  hover(over: boolean): void;
}

/** As the host takes it. Bytes. */
const MOST_BYTES = 32 * 1024 * 1024;

/** What the editor's own drags carry, beside the standard type. */
const URI_TYPES = ["application/vnd.code.uri-list", "text/uri-list"];

/** The URIs of a list as a drag carries it (RFC 2483): a line each, and comments. */
export function urisOf(list: string): string[] {
  return list
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** Listens to pasting and dropping until the signal says to stop. */
export function listenToIncoming(actions: IncomingActions, signal: AbortSignal): void {
  const on = <K extends keyof DocumentEventMap>(type: K, listener: (event: DocumentEventMap[K]) => void) =>
    document.addEventListener(type, listener, { signal });
  const take = async (files: FileList | undefined): Promise<boolean> => {
    const image = [...(files ?? [])].find(({ type, size }) => type.startsWith("image/") && size <= MOST_BYTES);
    if (image === undefined) return false;
    actions.paste(new Uint8Array(await image.arrayBuffer()));
    return true;
  };
  on("paste", (event) => void take(event.clipboardData?.files));
  on("dragover", (event) => {
    event.preventDefault();
    actions.hover(true);
  });
  on("dragleave", (event) => {
    if (event.relatedTarget === null) actions.hover(false);
  });
  on("drop", (event) => {
    event.preventDefault();
    actions.hover(false);
    const { dataTransfer } = event;
    const uris = URI_TYPES.map((type) => urisOf(dataTransfer?.getData(type) ?? "")).find(({ length }) => length > 0);
    if (uris !== undefined) actions.drop(uris);
    else void take(dataTransfer?.files);
  });
}
