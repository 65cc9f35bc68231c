/** Entry of the page with duplicates or suspicious labels. */
import "../base.css";
import "../controls.css";
import "./review.css";
import "../thumbnail.ts";
import { keepingOrigin, leaveOnEscape } from "../leave.ts";
import { HostLink, type VsCodeApi } from "../rpc.ts";
import { ReviewPage } from "./reviewPage.ts";

declare function acquireVsCodeApi(): VsCodeApi;

const page = document.querySelector("lookalike-review");
if (page instanceof ReviewPage) {
  const api = acquireVsCodeApi();
  leaveOnEscape(api);
  const link = new HostLink(api);
  void page.connect(keepingOrigin(api, link), link);
}
