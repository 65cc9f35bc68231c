import { t } from "./strings.ts";

/** What a branch looks at that needs no network; null of the others, which are called as in the field. */
export function aboutBranch(name: string): string | null {
  switch (name) {
    case "lab":
      return t("How much of each colour there is, without a network (histogram in CIE Lab)");
    case "hog":
      return t("Which way edges run, and where, without a network (histograms of oriented gradients)");
    default:
      return null;
  }
}

/** A title with what its branch looks at, where that is told. */
export function withAbout(title: string, name: string): string {
  const about = aboutBranch(name);
  return about === null ? title : `${title}\n${about}`;
}
