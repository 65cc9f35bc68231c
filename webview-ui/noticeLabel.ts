import type { NoticeAction } from "../src/shared/index.ts";
import { t } from "./strings.ts";

/** What stands on the button of a notice in a page that lists what a run finds. */
export function noticeLabel(action: NoticeAction): string {
  switch (action) {
    case "showLog":
      return t("Show log");
    case "enterPassword":
      return t("Enter password...");
    case "manageTrust":
      return t("Manage workspace trust");
    default:
      return t("Try again");
  }
}
