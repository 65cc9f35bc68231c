/** Entry of the view that follows the active image. */
import "../base.css";
import "../controls.css";
import "./follow.css";
import "../thumbnail.ts";
import { HostLink, type VsCodeApi } from "../rpc.ts";
import { FollowPage } from "./followPage.ts";

declare function acquireVsCodeApi(): VsCodeApi;

const page = document.querySelector("lookalike-follow");
if (page instanceof FollowPage) {
  const api = acquireVsCodeApi();
  void page.connect(api, new HostLink(api));
}
