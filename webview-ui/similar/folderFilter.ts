import { html, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { t } from "../strings.ts";

/** More folders than these are searched by typing. */
const LISTED = 20;

/** What is being typed: an answer that arrives meanwhile is not to take it back. */
let typed: string | null = null;

/**
 * The folder that results are to lie in: a list or, of many folders, a field that offers those with what is typed.
 * @param folder that is chosen; "" for all
 */
export function renderFolders(
  folders: readonly string[],
  folder: string,
  choose: (folder: string) => void,
): TemplateResult {
  const label = t("Only images in this folder");
  if (folders.length <= LISTED) {
    return html`<select
      class="folder-filter"
      aria-label=${label}
      @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}
    >
      <option value="" .selected=${folder === ""}>${t("all folders")}</option>
      ${folders.map((each) => html`<option value=${each} .selected=${each === folder}>${each}</option>`)}
    </select>`;
  }
  // Offered are folders of what is shown; any other one of the index can be typed.
  const onInput = (event: Event) => {
    typed = (event.target as HTMLInputElement).value;
  };
  const onChange = (event: Event) => {
    typed = null;
    choose((event.target as HTMLInputElement).value.trim().replace(/^\/+|\/+$/g, ""));
  };
  return html`<input
      class="folder-filter"
      type="text"
      list="folders"
      aria-label=${label}
      placeholder=${t("all folders")}
      .value=${live(typed ?? folder)}
      @input=${onInput}
      @change=${onChange}
      @blur=${() => (typed = null)}
    /><datalist id="folders">${folders.map((each) => html`<option value=${each}></option>`)}</datalist>`;
}
