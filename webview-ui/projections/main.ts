/** Entry of the projections page. */
import "../base.css";
import "../controls.css";
import "./projections.css";
import "./maps.css";
import "./side.css";
import "../thumbnail.ts";
import "./mapView.ts";
import { keepingOrigin, leaveOnEscape } from "../leave.ts";
import { HostLink, type VsCodeApi } from "../rpc.ts";
import { ProjectionsPage } from "./projectionsPage.ts";
import { adoptClassColours } from "./theme.ts";

declare function acquireVsCodeApi(): VsCodeApi;

adoptClassColours();
const page = document.querySelector("lookalike-projections");
if (page instanceof ProjectionsPage) {
  const api = acquireVsCodeApi();
  leaveOnEscape(api);
  const link = new HostLink(api);
  void page.connect(keepingOrigin(api, link), link);
}
