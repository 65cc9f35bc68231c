import type { HostLink, VsCodeApi } from "./rpc.ts";

/** Fields, in which Escape takes back what is typed. */
const FIELDS = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select";

/** Escape, where nothing in the page is open or chosen that it would close, leads back to where one came from. */
export function leaveOnEscape(api: Pick<VsCodeApi, "postMessage">): void {
  // On the window, after all that the page itself does with the key; what it uses it prevents.
  window.addEventListener("keydown", (event) => {
    const { key, target, defaultPrevented, isComposing } = event;
    if (key !== "Escape" || defaultPrevented || isComposing) return;
    if (target instanceof Element && target.matches(FIELDS)) return;
    if (document.querySelector("dialog[open]") !== null) return;
    event.preventDefault();
    event.stopPropagation();
    api.postMessage({ jsonrpc: "2.0", method: "leave" });
  });
}

/** With where one came from in whatever is kept over a reload of the window. */
export function keepingOrigin(api: VsCodeApi, link: HostLink): VsCodeApi {
  const state = (): object => {
    const kept = api.getState();
    return typeof kept === "object" && kept !== null ? kept : {};
  };
  let cameFrom = (state() as { readonly cameFrom?: unknown }).cameFrom;
  const setState = (next: unknown) => api.setState({ ...(next as object), cameFrom });
  link.onNotification("cameFrom", ({ from }: { readonly from: string }) => {
    cameFrom = from;
    setState(state());
  });
  return { postMessage: (message) => api.postMessage(message), getState: () => api.getState(), setState };
}
