import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { DuplicateGroup, DuplicateImage, DuplicatesResult, FileLink } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";
import { allButFirst, bytesText, emptied, selectionOf } from "./selection.ts";

/** Names of what is listed, where that is a part of a folder, and of the folder that all was compared with. */
export interface Part {
  readonly folder: string;
  readonly whole: string;
}

export interface DuplicateActions {
  select(paths: ReadonlySet<string>): void;
  open(path: string): void;
  reveal(path: string): void;
  trash(paths: readonly string[]): void;
  putAway(paths: readonly string[]): void;
  saveList(paths: readonly string[]): void;
}

/** Groups of the same picture; what is selected can be moved to the trash. */
export function renderDuplicates(
  { groups, perhaps, images, links, skipped }: DuplicatesResult,
  part: Part | null,
  finished: boolean,
  selected: ReadonlySet<string>,
  store: ThumbnailStore,
  actions: DuplicateActions,
): TemplateResult {
  // Of lists that are being made again there is no verdict yet.
  const all = [...groups, ...perhaps];
  if (all.length === 0 && !finished) return html``;
  if (all.length === 0) {
    return html`<p class="empty quiet">${noneText(images, part)}</p>
      ${renderLinks(links)}`;
  }
  const copies = groups.reduce((sum, group) => sum + group.images.length - 1, 0);
  const chosen = selectionOf(all, selected);
  const lost = emptied(all, selected);
  return html`<div class="bar" role="toolbar" aria-label=${t("Duplicates")}>
      <span>${countText(groups.length, copies)}</span>
      ${
        groups.length === 0
          ? nothing
          : html`<button class="secondary" @click=${() => actions.select(new Set(groups.flatMap(allButFirst)))}>
              ${t("Keep one of each")}
            </button>`
      }
      ${
        chosen.paths.length === 0
          ? nothing
          : html`<button class="link" @click=${() => actions.select(new Set())}>${t("Select none")}</button>`
      }
      <span class="push" role="status"
        >${chosen.paths.length === 0 ? nothing : t("{0} selected, {1}", chosen.paths.length.toLocaleString(), bytesText(chosen.bytes))}
        ${lost === 0 ? nothing : html`<span class="warning">${lost === 1 ? t("One group would be gone altogether") : t("{0} groups would be gone altogether", lost)}</span>`}</span
      >
      <button class="link" ?disabled=${chosen.paths.length === 0} @click=${() => actions.saveList(chosen.paths)}>
        ${t("Save list...")}
      </button>
      <button
        class="secondary"
        title=${t("Moves them into a folder beside this one, from which all can be taken back")}
        ?disabled=${chosen.paths.length === 0}
        @click=${() => actions.putAway(chosen.paths)}
      >
        ${t("Put away...")}
      </button>
      <button class="primary" ?disabled=${chosen.paths.length === 0} @click=${() => actions.trash(chosen.paths)}>
        ${t("Move to trash...")}
      </button>
    </div>
    ${skipped.length === 0 ? nothing : html`<p class="quiet aside" title=${skipped.map(({ path, reason }) => `${path}: ${reason}`).join("\n")}>${skipped.length === 1 ? t("One file could not be checked") : t("{0} files could not be checked", skipped.length)}</p>`}
    ${renderLinks(links)}
    ${repeat(
      groups,
      ({ images: [first] }) => first!.path,
      (group) => renderGroup(group, true, selected, store, actions),
    )}
    ${renderPerhaps(perhaps, selected, store, actions)}`;
}

/** What nothing but a look of the user can tell: no button selects it. */
function renderPerhaps(
  perhaps: readonly DuplicateGroup[],
  selected: ReadonlySet<string>,
  store: ThumbnailStore,
  actions: DuplicateActions,
): TemplateResult | typeof nothing {
  if (perhaps.length === 0) return nothing;
  return html`<h2 class="perhaps">${t("Perhaps the same: {0}", perhaps.length.toLocaleString())}</h2>
    <p class="quiet aside">
      ${t("One picture of each pair is so small or so coarse that it may hide what differs. No button selects them: look at both, at full size, before you do.")}
    </p>
    ${repeat(
      perhaps,
      ({ images: [first] }) => `perhaps ${first!.path}`,
      (group) => renderGroup(group, false, selected, store, actions),
    )}`;
}

function noneText(images: number, part: Part | null): string {
  if (part !== null) return t("No image of {0} is in {1} a second time.", part.folder, part.whole);
  return images === 1
    ? t("There is one image only.")
    : t("None of the {0} images is there twice.", images.toLocaleString());
}

function countText(groups: number, copies: number): string {
  if (groups === 0) return t("No copy for certain");
  if (copies === 1) return t("One group, one copy too many");
  if (groups === 1) return t("One group, {0} copies too many", copies.toLocaleString());
  return t("{0} groups, {1} copies too many", groups.toLocaleString(), copies.toLocaleString());
}

/** Paths of one file: they are named, and cannot be selected. */
function renderLinks(links: readonly FileLink[]): TemplateResult | typeof nothing {
  if (links.length === 0) return nothing;
  const title =
    links.length === 1
      ? t("One file is a link to another one, and no copy")
      : t("{0} files are links to other ones, and no copies", links.length.toLocaleString());
  return html`<details class="quiet aside links">
    <summary>${title}</summary>
    <ul>
      ${links.map(({ path, of }) => html`<li>${t("{0}: a link to {1}", path, of)}</li>`)}
    </ul>
  </details>`;
}

function renderGroup(
  group: DuplicateGroup,
  certain: boolean,
  selected: ReadonlySet<string>,
  store: ThumbnailStore,
  actions: DuplicateActions,
): TemplateResult {
  const { images } = group;
  const identical = images.every((image) => image.identical);
  const toggle = (paths: readonly string[], on: boolean) => {
    const next = new Set(selected);
    for (const path of paths) {
      if (on) next.add(path);
      else next.delete(path);
    }
    actions.select(next);
  };
  return html`<section class="group" aria-label=${certain ? images[0]!.path : t("Perhaps the same: {0}", images[0]!.path)}>
    <div class="group-head">
      <b>${t("{0} images", images.length)}</b>
      <span class="quiet"
        >${identical ? t("the same bytes") : certain ? t("the same picture") : t("perhaps the same picture")}</span
      >
      ${
        certain
          ? html`<button
              class="link"
              @click=${() => {
                const next = new Set([...selected].filter((path) => path !== images[0]!.path));
                for (const path of allButFirst(group)) next.add(path);
                actions.select(next);
              }}
            >
              ${t("Keep the first")}
            </button>`
          : nothing
      }
    </div>
    <ul>
      ${images.map((image, i) => renderImage(image, i === 0))}
    </ul>
  </section>`;

  function renderImage(
    { path, width, height, bytes, score, identical: same }: DuplicateImage,
    first: boolean,
  ): TemplateResult {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const about = first
      ? certain
        ? t("to keep")
        : t("the larger or finer one")
      : same
        ? t("same bytes")
        : t("score {0}", score.toFixed(3));
    return html`<li class=${selected.has(path) ? "chosen" : ""} data-path=${path}>
      <button class="show" title=${path} aria-label=${t("Open {0}", path)} @click=${() => actions.open(path)}>
        <lookalike-thumbnail class="picture" .path=${path} .store=${store}></lookalike-thumbnail>
      </button>
      <label
        ><input
          type="checkbox"
          aria-label=${t("Select {0}", path)}
          .checked=${selected.has(path)}
          @change=${(event: Event) => toggle([path], (event.target as HTMLInputElement).checked)}
        />
        <span class="name" title=${path}>${name}</span></label
      >
      <span class="quiet place" title=${path}>${path.slice(0, Math.max(0, path.lastIndexOf("/")))}</span>
      <span class="quiet figures">${width} × ${height} · ${bytesText(bytes)}</span>
      <span class="quiet figures">${about}</span>
      <button class="link" aria-label=${t("Reveal {0} in the Explorer", path)} @click=${() => actions.reveal(path)}>${t("Reveal")}</button>
    </li>`;
  }
}
