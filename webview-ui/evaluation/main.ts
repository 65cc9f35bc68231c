/** Entry of the page with a report on retrieval. */
import "../base.css";
import "../controls.css";
import "./evaluation.css";
import "../thumbnail.ts";
import { keepingOrigin, leaveOnEscape } from "../leave.ts";
import { HostLink, type VsCodeApi } from "../rpc.ts";
import { EvaluationPage } from "./evaluationPage.ts";

declare function acquireVsCodeApi(): VsCodeApi;

const page = document.querySelector("lookalike-evaluation");
if (page instanceof EvaluationPage) {
  const api = acquireVsCodeApi();
  leaveOnEscape(api);
  const link = new HostLink(api);
  void page.connect(keepingOrigin(api, link), link);
}
