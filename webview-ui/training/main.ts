/** Entry of the training page. */
import "../base.css";
import "../controls.css";
import "./training.css";
import "./run.css";
import "./ablation.css";
import "../thumbnail.ts";
import "./chart.ts";
import { keepingOrigin, leaveOnEscape } from "../leave.ts";
import { HostLink, type VsCodeApi } from "../rpc.ts";
import { TrainingPage } from "./trainingPage.ts";

declare function acquireVsCodeApi(): VsCodeApi;

const page = document.querySelector("lookalike-training");
if (page instanceof TrainingPage) {
  const api = acquireVsCodeApi();
  leaveOnEscape(api);
  const link = new HostLink(api);
  void page.connect(keepingOrigin(api, link), link);
}
