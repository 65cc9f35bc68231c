import type { VsCodeApi } from "./rpc.ts";

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
