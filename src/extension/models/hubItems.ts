import type { QuickPickItem } from "vscode";
import type { HubChoice, HubLicence, HubWeights } from "../../shared/index.ts";
import type { Translate } from "./modelItems.ts";

interface HubItem extends QuickPickItem {
  /** null: another repository. */
  readonly choice: HubChoice | null;
}

/** The catalogue, and another repository. */
export function hubItems(catalogue: readonly HubChoice[], t: Translate): HubItem[] {
  const other: HubItem = { label: `$(edit) ${t("Another repository...")}`, alwaysShow: true, choice: null };
  return [
    ...catalogue.map((choice) => ({
      label: choice.name,
      description: `${choice.repo} · ${choice.licence} · ${t("{0} MB", choice.megabytes)}`,
      detail: choice.goodAt,
      choice,
    })),
    other,
  ];
}

interface WeightsItem extends QuickPickItem {
  readonly file: HubWeights;
}

/** The networks of a repository. @param wanted path of the one that stands first; else they stand as they are */
export function weightsItems(files: readonly HubWeights[], wanted: string | undefined, t: Translate): WeightsItem[] {
  const first = files.filter(({ path }) => path === wanted);
  const others = files.filter(({ path }) => path !== wanted);
  return [...first, ...others].map((file) => ({
    label: file.path,
    description: `${t("{0} MB", (file.bytes / 1e6).toFixed(1))} · ${precision(file, t)}`,
    file,
  }));
}

function precision({ precision: stored }: HubWeights, t: Translate): string {
  switch (stored) {
    case "float32":
      return t("float32");
    case "float16":
      return t("float16: half the size, slow on a CPU");
    case "int8":
      return t("int8: small; finds a little less");
    case "4 bits":
      return t("4 bits: smallest; finds less");
  }
}

/** What is to be known of the licences before a download; nothing where there is nothing to say. */
export function licenceWarnings(licences: readonly HubLicence[], t: Translate): string[] {
  return licences.flatMap(({ text, where, flag }) => {
    const source = where === "card" ? t("the model card") : t("the configuration");
    if (flag === "forbids") return [t("{0}, as {1} says: it forbids the use in products.", text, source)];
    if (flag === "terms") return [t("{0}, as {1} says: terms of its own. Read them first.", text, source)];
    return [];
  });
}
